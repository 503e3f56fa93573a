/** What an end tells: which limit or which wall was its cause. */
import type { McpoError } from '../../errors.ts'
import { maxFileBytes } from '../../policy/limits.ts'
import { hitInWords } from '../hit.ts'
import type { ExitStatus, LimitHit, LimitNear } from '../model.ts'
import type { Killed, LimitHitEvent, LimitNearEvent, Refusal, StartFailed } from './model.ts'

/** Of the server's own first process; what its children died of, it knows itself. */
export function endingEvents(server: string, { signal, failure }: ExitStatus): Refusal[] {
  const events: Refusal[] = []
  const why = signal === null ? undefined : killedFor[signal]
  if (signal !== null && why !== undefined) events.push(killed(server, signal, why))
  if (failure !== undefined) events.push(startFailed(server, failure))
  return events
}

export function startFailed(server: string, error: McpoError): StartFailed {
  const allow = error.hint ?? null
  return { type: 'sandbox.start-failed', server, what: 'the start', why: error.message, allow, count: 1 }
}

export function limitHit(server: string, hit: LimitHit): LimitHitEvent {
  const { limit, value, times, killed } = hit
  const allow = `a larger ${limit}`
  const why = hitInWords(hit)
  return { type: 'sandbox.limit-hit', server, what: 'the server', why, allow, count: times, limit, value, killed }
}

export function limitNear(server: string, near: LimitNear): LimitNearEvent {
  const { limit, value, usedBytes } = near
  const why = `uses ${Math.floor(usedBytes / MiB)} MiB, which is near ${limit} = ${value}, where it is killed`
  return { type: 'sandbox.limit-near', server, what: 'the server', why, allow: `a larger ${limit}`, count: 1, ...near }
}

const MiB = 1024 * 1024

const killedFor: Readonly<Record<string, string>> = {
  SIGSYS: 'it was killed for a system call of a foreign kind (32-bit, or the x32 ABI)',
  SIGXFSZ: `it was killed for writing a file larger than ${maxFileBytes} bytes`,
}

function killed(server: string, signal: string, why: string): Killed {
  return { type: 'sandbox.killed', server, what: 'the server', why, allow: null, count: 1, signal }
}
