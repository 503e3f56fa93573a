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
  /** Refused system calls can be told (Linux 5.0). */
  readonly userNotification: boolean
  readonly pidfd: boolean
  /** mount_setattr(2) with MOUNT_ATTR_IDMAP; needed by a root gateway for policy paths. */
  readonly idmappedMounts: boolean
  readonly cgroup: CgroupFacts
  /** Why sandboxes have no user namespace of their own (root gateway only); `null` when they have one. */
  readonly noUserNamespace: SandboxFailure | null
  /** Result of really building an empty sandbox; `null` when it worked. */
  readonly sandboxFailure: SandboxFailure | null
}

/** The controllers that hold a server's limits, one for each. */
export const cgroupControllers = ['memory', 'cpu', 'pids'] as const
export type CgroupController = (typeof cgroupControllers)[number]

/** What a server's own control group (cgroup v2) can hold here. */
export interface CgroupFacts {
  readonly controllers: readonly CgroupController[]
  /** Why one of them is missing; `null` when none is. */
  readonly lack: CgroupLack | null
}

export interface CgroupLack {
  /**
   * `absent`: no cgroup2 mount. `elsewhere`: our own group is not below it. `no-controllers`: none of the three is in it.
   * `read-only`: nothing can be made. `not-delegated`: our group belongs to somebody else. `occupied`: other processes are in
   * it, and not ours to move. `missing`: some controllers. `refused`: an operation failed.
   */
  readonly reason:
    | 'absent'
    | 'elsewhere'
    | 'no-controllers'
    | 'read-only'
    | 'not-delegated'
    | 'occupied'
    | 'missing'
    | 'refused'
  /** The folder, the controllers or the operation that it is about; may be empty. */
  readonly detail: string
}

/** Why no sandbox can be built here, as far as it is known. */
export interface SandboxFailure extends StepFailure {
  readonly cause: string | null
  /** What to change. */
  readonly remedy: string | null
}

/** Where setting up a sandbox failed. `step` is a stable word (`user-namespace`, `bind`, `proc`, `seccomp`, …). */
export interface StepFailure {
  readonly step: string
  /** errno name, `EPERM`, or `TIMEOUT` when the deadline passed; when the launcher died, the signal's name or `EXIT`. */
  readonly errno: string
  /** The path or word that the step was about; may be empty. */
  readonly detail: string
}
