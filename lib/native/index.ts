/** The N-API border, typed, in one file. See ARCHITECTURE.md, "The border". Loaded once, on first use. */
import type { Plan } from '../policy/plan.ts'

/** Cheap facts from system calls; never throws. */
export interface NativeProbe {
  readonly kernel: string
  readonly landlockAbi: number
  readonly seccompFilter: boolean
  readonly pidfd: boolean
  readonly idmappedMounts: boolean
}

/** Descriptors now belong to the caller, all close-on-exec and non-blocking. */
export interface NativeChild {
  /** Process id of the launcher (host pid namespace), parent of the sandbox's pid 1. */
  readonly pid: number
  readonly pidfd: number
  /** Read end: status records (see `decodeStatus`), end of file when the launcher is gone. */
  readonly status: number
  /** Write end: the sandbox ends when it closes. Hold it as long as the server may live. */
  readonly lifeline: number
}

export interface NativeSpawnOptions {
  /** Absolute path of `mcpo-launch`. */
  readonly launcher: string
  /** Descriptors that become 0, 1, 2 of the server. Not closed by spawn. */
  readonly stdio: readonly [number, number, number]
}

export interface NativeFailure {
  readonly stage: string
  readonly errno: string
}
