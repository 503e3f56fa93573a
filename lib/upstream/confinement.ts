import type { Strength, Verdict } from '../policy/model.ts'
import type { SandboxEvent } from '../sandbox/events/model.ts'
import { eventInWords } from '../sandbox/events/words.ts'
import type { SandboxedChild } from '../sandbox/model.ts'
import type { Log } from './model.ts'

/** One line for each copy that starts: what holds it, and the proof. Weakenings and notes are warnings. */
export function tellStart(log: Log, server: string, child: SandboxedChild): void {
  const facts = { server, child: child.pid, confinement: confinementOf(child.verdicts), selfCheck: child.selfCheck }
  log.info(facts, 'started')
  for (const weakened of new Set(child.verdicts.flatMap((verdict) => verdict.weakened ?? []))) {
    log.warn({ server }, weakened)
  }
  for (const note of child.notes ?? []) log.warn({ server }, note)
}

/** What a sandbox refused, one line each. A start that failed is told by whoever needed it. */
export function tellEvent(log: Log, event: SandboxEvent): void {
  if (event.type === 'sandbox.start-failed') return
  const isRoutine = event.type === 'sandbox.call-refused' && event.routine
  log[isRoutine ? 'debug' : 'warn']({ event }, `server "${event.server}": ${eventInWords(event)}`)
}

/** Guarantees by strength: `{ full: […], partial: ['memory'], none: ['cpu'] }`. */
function confinementOf(verdicts: readonly Verdict[]): Record<Strength, string[]> {
  const byStrength: Record<Strength, string[]> = { full: [], partial: [], none: [] }
  for (const { guarantee, strength } of verdicts) byStrength[strength].push(guarantee)
  return byStrength
}
