/** From the lines of `network = [ … ]` to an egress policy. */
import { type EgressEntry, type EgressPolicy, entryInWords, parseEntry } from './entry.ts'
import { presets } from './presets/index.ts'

/** What a line stands for: one entry, or those of a preset. In words what is wrong with it, after `expected …`. */
export function parseLine(line: string): readonly EgressEntry[] | string {
  const preset = Object.hasOwn(presets, line) ? presets[line] : undefined
  const parsed = (preset ?? [line]).map(parseEntry)
  const wrong = parsed.find((each) => typeof each === 'string')
  if (wrong === undefined) return parsed.filter((each) => typeof each !== 'string')
  return line.includes(':') ? wrong : `${wrong}, or one of ${Object.keys(presets).join(', ')}`
}

/** Lines that `parseLine` takes; throws TypeError for others. An empty list allows nothing. */
export function parseList(lines: readonly string[]): EgressPolicy {
  const entries = new Map<string, EgressEntry>()
  for (const line of lines) {
    const parsed = parseLine(line)
    if (typeof parsed === 'string') throw new TypeError(`${line}: expected ${parsed}`)
    for (const entry of parsed) entries.set(entryInWords(entry), entry)
  }
  return { kind: 'list', entries: [...entries.values()] }
}

/** How many different ports lines have, as far as they are lines. */
export function portsOf(lines: readonly string[]): number {
  const entries = lines.map(parseLine).filter((parsed) => typeof parsed !== 'string')
  return new Set(entries.flat().map(({ port }) => port)).size
}
