import type { Way } from '../../egress/destination.ts'
import type { Verdict } from '../../policy/model.ts'
import type { LimitHit, LimitNear, Proof } from '../model.ts'

/**
 * What a sandbox tells from its server's start to its end, as data: the log, `mcpo sandbox run --json`, and whoever keeps records.
 * Of a refusal: `what` was tried, `why` it was refused, and which line of the policy would `allow` it (`null`: none does). Texts
 * may hold what a server chose (paths): they are shown escaped, and nothing is decided from them.
 */
export type SandboxEvent = Started | Refusal

/** What did not come to pass, or may end soon, or has ended; and in the end what passed. */
export type Refusal =
  | CallRefused
  | EgressRefused
  | AccessRefused
  | Killed
  | LimitHitEvent
  | LimitNearEvent
  | StartFailed
  | TrafficTold

/** A server runs: how each guarantee is held, and the proof that it is. */
export interface Started {
  readonly type: 'sandbox.start'
  /** The server's name. */
  readonly server: string
  /** Of the launcher, or of the server itself where it runs without a sandbox. */
  readonly pid: number
  /** One for each guarantee: held in full, in part or not at all, with what holds it and why it is less. */
  readonly verdicts: readonly Verdict[]
  /** `null` without a sandbox of ours. */
  readonly proof: Proof | null
  /** A line each: what is weaker than planned, and paths among the arguments that are not visible. */
  readonly notes: readonly string[]
}

interface Told {
  /** The server's name. */
  readonly server: string
  readonly what: string
  readonly why: string
  readonly allow: string | null
  /** So often since it was last told. */
  readonly count: number
}

/** The system call filter refused: exact. The first of each call is told at once, what follows as a count each 10 s. */
export interface CallRefused extends Told {
  readonly type: 'sandbox.call-refused'
  readonly call: string
  readonly number: number
  /** Libraries ask it of every kernel and do without: no sign of anything. */
  readonly routine: boolean
  /** In the gateway's pid namespace. */
  readonly pid: number
  /** Six registers of the first of these calls, unsigned, in decimal. */
  readonly arguments: readonly string[]
}

/** The gateway did not connect it. The first of each destination and reason is told at once, what follows as a count each 10 s. */
export interface EgressRefused extends Told {
  readonly type: 'sandbox.egress-refused'
  /** `example.org:443`; a name alone that was only looked up. */
  readonly destination: string
  /** How it was asked for. */
  readonly way: Way
}

/** Only with `--explain`, a diagnosis: the path as seen before the call, the errno as the plan lets expect. */
export interface AccessRefused extends Told {
  readonly type: 'sandbox.access-refused'
  readonly diagnostic: true
  readonly path: string
  readonly intent: 'read' | 'write' | 'execute'
  readonly errno: 'ENOENT' | 'EROFS'
  /** The line that `filesystem` lacks; `null`: no line would help. */
  readonly grant: string | null
  /** A folder, of which it was asked what it is, and not what is in it. */
  readonly lookedAtFolder: boolean
  readonly pid: number
}

/** A signal of the kernel's ended the server for what it did. */
export interface Killed extends Told {
  readonly type: 'sandbox.killed'
  readonly signal: string
}

/** A limit of the policy was reached. `count`: so often in the server's life, as its control group counts. */
export interface LimitHitEvent extends Told {
  readonly type: 'sandbox.limit-hit'
  readonly limit: LimitHit['limit']
  readonly value: number
  readonly killed: boolean
}

/** A limit of the policy will soon be reached. Told again when memory was given back and taken again. */
export interface LimitNearEvent extends Told, LimitNear {
  readonly type: 'sandbox.limit-near'
}

/** Of a server that has ended, and was connected to the world: so much went there by the gateway, and came from there. */
export interface TrafficTold {
  readonly type: 'sandbox.traffic'
  /** The server's name. */
  readonly server: string
  readonly uploadBytes: number
  readonly downloadBytes: number
  readonly connections: number
}

/** Nothing was run. */
export interface StartFailed extends Told {
  readonly type: 'sandbox.start-failed'
}
