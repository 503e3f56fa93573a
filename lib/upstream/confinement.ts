import type { SandboxEvent, Started } from '../sandbox/events/model.ts'
import { eventInWords } from '../sandbox/events/words.ts'
import type { Log } from './model.ts'

/**
 * One line for each copy that starts, with what holds it and the proof, and one for each of its weakenings and notes; one line
 * for what its sandbox refuses. A start that failed is told by whoever needed it.
 */
export function tellEvent(log: Log, event: SandboxEvent): void {
  if (event.type === 'sandbox.start-failed') return
  log[levelOf(event)]({ event }, `server "${event.server}": ${eventInWords(event)}`)
  if (event.type === 'sandbox.start') warnOf(log, event)
}

function levelOf(event: SandboxEvent): 'debug' | 'info' | 'warn' {
  if (event.type === 'sandbox.start' || event.type === 'sandbox.traffic') return 'info'
  return event.type === 'sandbox.call-refused' && event.routine ? 'debug' : 'warn'
}

function warnOf(log: Log, { server, verdicts, notes }: Started): void {
  const weakenings = new Set(verdicts.flatMap(({ weakened }) => weakened ?? []))
  for (const warning of [...weakenings, ...notes]) log.warn({ server }, warning)
}
