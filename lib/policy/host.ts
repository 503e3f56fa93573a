/** What this host can enforce, as found by `sandbox/host.ts`. Plain data, so that compilation stays pure. */
export interface HostFacts {
  readonly platform: 'linux' | 'darwin' | 'win32'
  readonly arch: 'x64' | 'arm64' | string
  /** `uname -r` */
  readonly kernel: string
  readonly uid: number
  readonly gid: number
  /** 0 where the kernel has no Landlock. */
  readonly landlockAbi: number
  readonly seccompFilter: boolean
  readonly pidfd: boolean
  /** mount_setattr(2) with MOUNT_ATTR_IDMAP; needed by a root gateway for policy paths. */
  readonly idmappedMounts: boolean
  /** Result of really building an empty sandbox; `null` when it worked. */
  readonly sandboxFailure: StepFailure | null
}

/** Where setting up a sandbox failed. `step` is a stable word (`user-namespace`, `bind`, `proc`, `seccomp`, …). */
export interface StepFailure {
  readonly step: string
  /** errno name, `EPERM`, or `TIMEOUT` when the deadline passed, or `EXIT` when the launcher died. */
  readonly errno: string
  /** The path or word that the step was about; may be empty. */
  readonly detail: string
}
