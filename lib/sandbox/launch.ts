/** Starts a compiled plan and waits until the sandbox has proved itself. */
import { closeSync } from 'node:fs'
import type { DialRules } from '../egress/dial.ts'
import type { Egress } from '../egress/egress.ts'
import { isNativeFailure, launcherPath, type StdioTriple, signalName, spawn, stdioPipes } from '../native/index.ts'
import type { StepFailure } from '../policy/host.ts'
import type { Verdict } from '../policy/model.ts'
import type { Plan } from '../policy/plan.ts'
import { startFailed } from './events/ending.ts'
import type { Refusal } from './events/model.ts'
import { Telling } from './events/telling.ts'
import { lastOutput, startError } from './failure.ts'
import { Life, nativeError } from './life.ts'
import { type LimitsRequest, makeLeaf, watchLimits } from './limits.ts'
import type { ExitStatus, Proof, SandboxedChild } from './model.ts'
import { missingFrom } from './proof.ts'
import { serveListeners } from './way-out.ts'

export interface LaunchRequest extends LimitsRequest {
  readonly plan: Plan
  readonly verdicts: readonly Verdict[]
  readonly notes: readonly string[]
  /** `null`: the plan has no way out. */
  readonly dialRules: DialRules | null
  /** From the spawn to the finished self-check. */
  readonly readyTimeoutMs: number
  /** Hears of what the sandbox refuses, until `exited` settles. */
  readonly onEvent: (event: Refusal) => void
  /** Tell also of file accesses that will be refused. For diagnosis: it slows the server down. */
  readonly explain: boolean
  /** `mcpo sandbox learn`: accesses are judged by another plan than the one in force, and connections are told as well. */
  readonly learning?: Learning
}

export interface Learning {
  readonly judgedBy: Plan
  /** `example.org:443`, once it is connected. */
  readonly onConnected: (destination: string) => void
}

/** A child whose descriptors are somebody else's. */
export type Launched = Omit<SandboxedChild, 'stdio'>

/** A server on pipes of its own. Throws SANDBOX_ERROR when it did not come up; nothing runs then. */
export async function launch(request: LaunchRequest): Promise<SandboxedChild> {
  const pipes = stdioPipes(request.plan.hostUid)
  if (isNativeFailure(pipes)) throw nativeError(pipes, `starting ${request.name}`)
  const [stdin, stdout, stderr] = pipes.parent
  try {
    const launched = await launchOn(request, pipes.child, () => lastOutput(stderr))
    return { ...launched, stdio: { stdin, stdout, stderr } }
  } catch (error) {
    closeAll(pipes.parent)
    throw error
  } finally {
    closeAll(pipes.child)
  }
}

/** The same on given descriptors, which stay the caller's. `output` is asked for what was written when a start failed. */
export async function launchOn(request: LaunchRequest, stdio: StdioTriple, output: () => string): Promise<Launched> {
  const leaf = await makeLeaf(request)
  const child = spawn(request.plan, {
    launcher: launcherPath,
    stdio,
    cgroup: leaf?.fd ?? null,
    refusals: request.explain ? 'explained' : 'told',
  })
  if (isNativeFailure(child)) {
    await leaf?.end()
    throw startError(request.name, { step: child.stage, errno: child.errno, detail: '' }, '')
  }
  const telling = new Telling({ ...request, plan: request.learning?.judgedBy ?? request.plan })
  const life = new Life(child, (told) => telling.take(told))
  const outcome = await firstOf(life, request)
  const unproved = unprovedIn(outcome, request.plan)
  if (typeof outcome === 'string' || unproved !== null) {
    life.kill()
    const ended = await life.exited
    const stuck = { ...life.step, errno: outcome === 'late' ? 'TIMEOUT' : deathOf(ended) }
    const hits = (await leaf?.end())?.hits
    const error = startError(request.name, unproved ?? life.failure ?? stuck, output(), hits)
    request.onEvent(startFailed(request.name, error))
    throw error
  }
  const egress = openEgress(life, request, telling)
  const countLimits = watchLimits(request, { life, leaf, telling })
  return {
    pid: life.pid,
    verdicts: request.verdicts,
    notes: [...request.notes, ...life.notes],
    proof: outcome,
    exited: life.exited.then(async (ended) => {
      egress?.close()
      const status = { ...withFailure(ended, request.name, life), ...(await countLimits()) }
      await telling.end(status)
      return status
    }),
    signal: (name) => life.pass(name),
    kill: () => life.kill(),
  }
}

/** Serves the listeners that the launcher made in the server's network namespace. */
function openEgress(life: Life, { plan, dialRules, learning }: LaunchRequest, telling: Telling): Egress | null {
  if (plan.egress === null || dialRules === null) return null
  const tell = learning === undefined ? telling.egress : { ...telling.egress, connected: learning.onConnected }
  return serveListeners(life.takeListeners(), dialRules, tell)
}

type Outcome = 'exited' | 'late' | Proof

/** Whatever comes first: a launcher that is ready, its end, or that it is late. */
export async function firstOf(
  life: Life,
  { plan, readyTimeoutMs }: Pick<LaunchRequest, 'plan' | 'readyTimeoutMs'>,
): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), readyTimeoutMs)
  })
  try {
    const listening = plan.egress === null ? null : life.listening
    const ready = Promise.all([life.ready, listening]).then(([proof]) => proof)
    return await Promise.race([ready, life.exited.then(() => 'exited' as const), late])
  } finally {
    clearTimeout(timer)
  }
}

/** What of its plan a launcher that says it is ready has not proved. */
function unprovedIn(outcome: Outcome, plan: Plan): StepFailure | null {
  if (typeof outcome === 'string') return null
  const missing = missingFrom(outcome, plan, { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 })
  return missing === null ? null : { step: 'proof', errno: 'EPROTO', detail: missing }
}

/** The launcher ends as its pid 1 has ended, in the manner of shells: 128 + n for signal n. */
function deathOf({ code, signal }: ExitStatus): string {
  if (signal !== null) return signal
  return code !== null && code > 128 ? signalName(code - 128) : 'EXIT'
}

/** The exec itself comes after the self-check, and may fail. */
function withFailure(status: ExitStatus, name: string, { failure }: Life): ExitStatus {
  return failure === null ? status : { ...status, failure: startError(name, failure, '') }
}

function closeAll(descriptors: StdioTriple): void {
  for (const fd of descriptors) closeSync(fd)
}
