import { isRecord } from '../../protocol/records.ts'
import type { Verdict } from './model.ts'

const format = 1
const maxVerdicts = 1024
/** What was not renewed for so long belongs to a server that is gone. */
const maxAgeMs = 30 * 24 * 60 * 60_000

/** What a file says; null when it is none of ours. What is odd in it is left out. */
export function parseVerdicts(text: string): Map<string, Verdict> | null {
  const file = jsonIn(text)
  if (!isRecord(file) || file['format'] !== format || !isRecord(file['verdicts'])) return null
  const verdicts = new Map<string, Verdict>()
  for (const [key, value] of Object.entries(file['verdicts']).slice(0, maxVerdicts)) {
    const verdict = verdictIn(value)
    if (/^[0-9a-f]{64}$/.test(key) && verdict !== null) verdicts.set(key, verdict)
  }
  return verdicts
}

/** The youngest ones, as far as there is room. */
export function textOf(verdicts: ReadonlyMap<string, Verdict>): string {
  const now = Date.now()
  const kept = [...verdicts]
    .filter(([, { at }]) => now - at <= maxAgeMs)
    .sort(([, one], [, other]) => other.at - one.at)
    .slice(0, maxVerdicts)
  return `${JSON.stringify({ format, verdicts: Object.fromEntries(kept) })}\n`
}

/** One of the future was written under another clock: nobody knows how old it is. */
function verdictIn(value: unknown): Verdict | null {
  if (!isRecord(value)) return null
  const { era, at } = value
  if (era !== 'legacy' && era !== 'modern') return null
  return typeof at === 'number' && at <= Date.now() ? { era, at } : null
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
