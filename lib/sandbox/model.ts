import type { McpoError } from '../errors.ts'
import type { Policy, Verdict } from '../policy/model.ts'

/** What to start: a command under a policy. */
export interface LaunchSpec {
  readonly policy: Policy
  readonly command: string
  readonly args: readonly string[]
  /** Set explicitly for this server; wins over everything inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Inside the sandbox; `null` is the private home, `/home/mcp`. */
  readonly cwd: string | null
  /** Folder against which a relative command is looked up. */
  readonly baseDir: string
  /** Names never inherited from the gateway's environment. */
  readonly secretVariables: ReadonlySet<string>
}

/** A limit that a server ran into. */
export interface LimitHit {
  /** As the configuration has it. */
  readonly limit: 'max_memory_mb' | 'max_pids' | 'max_upload_mb' | 'max_download_mb'
  readonly value: number
  /** So often was memory, or a process, refused; it was cut off from the network once. */
  readonly times: number
  /** Every process of the server was killed for it. */
  readonly killed: boolean
}

/** A limit that a server is about to run into. */
export interface LimitNear {
  readonly limit: 'max_memory_mb'
  readonly value: number
  /** What it holds; caches, which the kernel takes back, do not count. */
  readonly usedBytes: number
}

/** What a server's control group counted over its life. */
export interface Usage {
  readonly cpuMs: number
  /** How long it was held back by max_cpu_percent. */
  readonly throttledMs: number
  /** `null` before Linux 5.19. */
  readonly memoryPeakBytes: number | null
}

export interface ExitStatus {
  readonly code: number | null
  /** Signal name, `SIGKILL`. */
  readonly signal: string | null
  /** The server was never executed: the program could not be started inside. */
  readonly failure?: McpoError
  /** Absent where nothing counted, as is `usage`. */
  readonly hits?: readonly LimitHit[]
  readonly usage?: Usage
}

/**
 * What the sandbox found when it looked at itself from inside, before the server's first instruction. Of a container: which engine and
 * image, and, with a way out, that its network has no route.
 */
export interface Proof {
  /** As the kernel told it: `NoNewPrivs`, `CapEff`, `uid_map`, `namespaces`, the count of `mounts` … */
  readonly found: Readonly<Record<string, string>>
  /** The forbidden acts that were tried, and the errno that refused each: `{ mount: 'EPERM' }`. */
  readonly refused: Readonly<Record<string, string>>
}

/** Signals that can be passed on to a server. */
export const passedSignals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const

export type PassedSignal = (typeof passedSignals)[number]

/** One running copy of a server. The descriptors belong to the caller. */
export interface SandboxedChild {
  readonly pid: number
  /** Write end of the server's stdin, read ends of its stdout and stderr: pipes, non-blocking. */
  readonly stdio: { readonly stdin: number; readonly stdout: number; readonly stderr: number }
  readonly verdicts: readonly Verdict[]
  /** For the log, a line each: what is weaker than planned, and paths among the arguments that are not visible. */
  readonly notes?: readonly string[]
  /** Absent without a sandbox of ours. */
  readonly proof?: Proof
  /** Settles when every process of the sandbox is gone. Never rejects. */
  readonly exited: Promise<ExitStatus>
  /**
   * To the program that was started; what terminals send (SIGINT, SIGQUIT, SIGWINCH) to all of its process group. Nothing happens when it
   * has ended.
   */
  signal(name: PassedSignal): void
  /** Ends every process of the sandbox at once. Safe to call twice. */
  kill(): void
}
