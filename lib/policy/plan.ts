/**
 * The plan: a policy compiled against this host's facts. Flat data, all that the launcher reads.
 * Pure types: `policy/compile.ts` makes it, the addon encodes it (`native/core/plan_codec`), `mcpo-launch` executes it.
 * Paths are absolute and without NUL; sizes are bytes; modes are octal permission bits.
 */
export interface Plan {
  readonly hostname: string
  /**
   * Who the server is. Inside a user namespace it is uid = gid = 1000. Outside: `null` keeps the caller's own ids (an ordinary
   * user); a number is this server's own unprivileged uid and gid (a gateway started as root).
   */
  readonly hostUid: number | null
  /**
   * Whether the sandbox has a user namespace of its own. Without one (root gateway only) the server is `hostUid` inside too,
   * and a source that was to be id-mapped must be usable by it as it is.
   */
  readonly userNamespace: boolean
  /** Share the host's network namespace (`network = "host"`). */
  readonly shareNetwork: boolean
  /** Listeners in the server's own network namespace that are handed to the gateway; `null`: there is no way out. */
  readonly egress: EgressPlan | null
  /** What the root directory starts as: an empty tmpfs, or the host's tree. */
  readonly root: 'minimal' | 'host-ro' | 'host-rw'
  /** Executed in order, each on the tree that the ones before it made. */
  readonly mounts: readonly MountOperation[]
  /** Paths inside the sandbox that must be refused when Landlock is there; `null` where the kernel has none. */
  readonly landlock: LandlockPlan | null
  readonly rlimits: readonly ResourceLimit[]
  /** Limits that no control group holds here, for the sandbox's pid 1 to hold by looking; `null`: there is none. */
  readonly watch: WatchPlan | null
  /** Absolute path inside the sandbox of the file to execute; argv[0] may differ. */
  readonly executable: string
  readonly argv: readonly string[]
  /** `NAME=value`, the whole environment. */
  readonly environment: readonly string[]
  /** Working directory inside. */
  readonly cwd: string
  /** Do everything, the self-check included, but exit 0 instead of executing the server (`mcpo doctor`). */
  readonly dryRun: boolean
  /**
   * A process of a container. No sandbox is built and nothing is executed: its user and network namespaces are entered for the listeners of
   * `egress`, and left when the lifeline closes.
   */
  readonly enteredPid?: number
}

export interface EgressPlan {
  /** Each on all addresses of the namespace. */
  readonly ports: readonly number[]
  /**
   * `address/bits`: addresses of the host's networks that are the namespace's own, so that connections to them reach a listener. With
   * 0 bits: TCP connections to any address on one of `ports` do, and nothing else changes.
   */
  readonly routes: readonly string[]
}

/** 0: held by a control group. */
export interface WatchPlan {
  /** All processes together are stopped in turns when they use more. */
  readonly cpuPercent: number
  /** All processes together are ended when they hold more. */
  readonly memoryMb: number
}

export type MountOperation =
  /** A new, empty, sized tmpfs; nosuid, nodev. */
  | {
      readonly op: 'tmpfs'
      readonly target: string
      readonly sizeBytes: number
      readonly inodes: number
      readonly mode: number
    }
  /** A directory, with its parents (0755), where it is not there yet. */
  | { readonly op: 'dir'; readonly target: string; readonly mode: number }
  /** A small generated file. */
  | { readonly op: 'file'; readonly target: string; readonly mode: number; readonly content: string }
  | { readonly op: 'symlink'; readonly target: string; readonly to: string }
  /**
   * A file or folder of the host, submounts included; nosuid, nodev. The source is canonical: the launcher opens it once
   * and refuses a symbolic link anywhere in it (ELOOP). Read-only holds from before it is attached. `idmap` (root gateway
   * only): the source's owner appears as the server's uid. `optional`: a source that does not exist is passed over.
   */
  | {
      readonly op: 'bind'
      readonly source: string
      readonly target: string
      readonly access: 'ro' | 'rw'
      readonly idmap: boolean
      readonly optional: boolean
    }
  /** The fixed minimal /dev: null zero full random urandom, fd links, shm as a tmpfs of `shmBytes`. */
  | { readonly op: 'dev'; readonly shmBytes: number }
  /** A fresh proc of the sandbox's own pid namespace at /proc, dangerous files masked, read-only. */
  | { readonly op: 'proc' }
  /** Something already visible becomes read-only from here down. Passed over when `optional` and absent. */
  | { readonly op: 'readonly'; readonly target: string; readonly optional: boolean }
  /** Bound onto itself, so that it cannot be renamed or removed. A folder above it still can: pin each of them. */
  | { readonly op: 'pin'; readonly target: string; readonly optional: boolean }
  /** Covered: a folder by an empty read-only tmpfs, a file by an empty read-only file. */
  | { readonly op: 'mask'; readonly target: string; readonly optional: boolean }
  /**
   * A name in a writable bind whose target is its source: read-only from here down. Where it is absent the launcher takes
   * it on the host, with the server's rights, by an empty folder or, unless `content` is empty (512 bytes at most), by a
   * file, and removes that at the end. Passed over where the server could not make it itself.
   */
  | { readonly op: 'guard'; readonly target: string; readonly content: string }

export interface LandlockPlan {
  /** Bits of `handled_access_fs` for the ABI found. */
  readonly handledFs: number
  /** Bits of `scoped` (ABI 6); 0 where unknown. */
  readonly scoped: number
  readonly rules: readonly LandlockRule[]
}

export interface LandlockRule {
  /** Path inside the sandbox. Passed over when absent. */
  readonly path: string
  /** Bits of `allowed_access`; the launcher takes away what a plain file cannot have. */
  readonly access: number
}

export interface ResourceLimit {
  readonly resource:
    | 'core'
    | 'nproc'
    | 'nofile'
    | 'sigpending'
    | 'msgqueue'
    | 'memlock'
    | 'fsize'
    | 'nice'
    | 'rtprio'
    | 'data'
    | 'stack'
  /** The hard limit, in the resource's own unit. */
  readonly value: number
  /** What the server starts with, and may raise to `value`; the same as that when left out. */
  readonly soft?: number
}
