/** Starts a compiled plan and waits until the sandbox has proved itself. */
import { closeSync } from 'node:fs'
import { launcherPath, type NativeFailure, spawn, stdioPairs } from '../native/index.ts'
import type { StepFailure } from '../policy/host.ts'
import type { Verdict } from '../policy/model.ts'
import type { Plan } from '../policy/plan.ts'
import { lastOutput, startError } from './failure.ts'
import { Life, nativeError } from './life.ts'
import type { ExitStatus, SandboxedChild } from './model.ts'

export interface LaunchRequest {
  readonly name: string
  readonly plan: Plan
  readonly verdicts: readonly Verdict[]
  readonly notes: readonly string[]
  /** From the spawn to the finished self-check. */
  readonly readyTimeoutMs: number
}

type Descriptors = readonly [number, number, number]

/** A server on stream sockets of its own. Throws SANDBOX_ERROR when it did not come up; nothing runs then. */
export async function launch(request: LaunchRequest): Promise<SandboxedChild> {
  const pairs = stdioPairs()
  if (isFailure(pairs)) throw nativeError(pairs, `starting ${request.name}`)
  const [stdin, stdout, stderr] = pairs.parent
  try {
    const started = await launchOn(request, pairs.child, () => lastOutput(stderr)).finally(() => closeAll(pairs.child))
    return { ...started, stdio: { stdin, stdout, stderr } }
  } catch (error) {
    closeAll(pairs.parent)
    throw error
  }
}

export type Launched = Omit<SandboxedChild, 'stdio'>

/** The same on given descriptors, which stay the caller's. `output` is asked for what was written when a start failed. */
export async function launchOn(request: LaunchRequest, stdio: Descriptors, output: () => string): Promise<Launched> {
  const child = spawn(request.plan, { launcher: launcherPath(), stdio })
  if (isFailure(child)) throw startError(request.name, { step: child.stage, errno: child.errno, detail: '' }, '')
  const notes = [...request.notes]
  let failure: StepFailure | null = null
  let ready = (): void => {}
  const isReady = new Promise<void>((resolve) => {
    ready = resolve
  })
  const life = new Life(child, { ready, failed: (failed) => (failure ??= failed), note: (text) => notes.push(text) })
  const outcome = await firstOf(isReady, life.exited, request.readyTimeoutMs)
  if (outcome !== 'ready') {
    const stuck = { ...life.step, errno: outcome === 'late' ? 'TIMEOUT' : 'EXIT' }
    life.kill()
    await life.exited
    throw startError(request.name, failure ?? stuck, output())
  }
  const exited = life.exited.then(
    (status): ExitStatus => (failure === null ? status : { ...status, failure: startError(request.name, failure, '') }),
  )
  return { pid: life.pid, verdicts: request.verdicts, notes, exited, kill: () => life.kill() }
}

async function firstOf(
  ready: Promise<void>,
  exited: Promise<ExitStatus>,
  timeoutMs: number,
): Promise<'ready' | 'exited' | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs)
  })
  try {
    return await Promise.race([ready.then(() => 'ready' as const), exited.then(() => 'exited' as const), late])
  } finally {
    clearTimeout(timer)
  }
}

function isFailure<T extends object>(result: T | NativeFailure): result is NativeFailure {
  return 'stage' in result
}

function closeAll(descriptors: Descriptors): void {
  for (const fd of descriptors) closeSync(fd)
}
