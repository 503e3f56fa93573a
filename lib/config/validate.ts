import type { z } from 'zod'
import { describe } from './describe.ts'
import { type Document, nameOf, type Problem, valueAt } from './document.ts'
import { nearestName } from './nearest.ts'
import type { Path } from './positions.ts'
import { type FileSettings, fileSchema, keysOfTable } from './schema/index.ts'

/** The document by the schema: its settings, or what is wrong with it. */
export function validate(document: Document): { settings: FileSettings | null; problems: Problem[] } {
  const result = fileSchema.safeParse(document.filled)
  if (result.success) return { settings: result.data, problems: [] }
  return { settings: null, problems: result.error.issues.flatMap((issue) => explain(document, issue)) }
}

type Issue = z.core.$ZodIssue

function explain(document: Document, issue: Issue): Problem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(document, path, key))
  if (issue.code === 'custom' && issue.params?.['refusal'] === true) {
    return [{ path, part: 'key', message: `${nameOf(document, path)} is ${issue.message}` }]
  }
  if (issue.code === 'invalid_key') return [badKey(document, path, issue)]
  if (valueAt(document.filled, path) === undefined) {
    return [{ path, part: 'key', message: `${nameOf(document, path)} is missing: expected ${issue.message}` }]
  }
  const expected = `${nameOf(document, path)}: expected ${issue.message}`
  const came = describe(valueAt(document.written, path), path)
  return [{ path, part: 'value', message: `${expected}, got ${came}${nearestValue(document, path, issue)}` }]
}

function unknownKey(document: Document, table: Path, key: string): Problem {
  const tablePath = table.filter((step) => typeof step === 'string').join('.')
  const nearest = nearestName(key, keysOfTable.get(tablePath) ?? [])
  const where = table.length === 0 ? 'at the top of the file' : `in ${nameOf(document, table)}`
  return {
    path: [...table, key],
    part: 'key',
    message: `unknown key ${JSON.stringify(key)} ${where}${nearest === null ? homeOf(key) : didYouMean(nearest)}`,
  }
}

/** A key that another table has is most likely in the wrong one. */
function homeOf(key: string): string {
  const homes = [...keysOfTable].filter(([path, keys]) => path !== '' && keys.includes(key)).map(([path]) => path)
  const [home] = homes
  if (home === undefined || homes.length > 1) return ''
  return `; it belongs in ${home === 'servers' || home === 'presets' ? `[[${home}]]` : `[${home}]`}`
}

function badKey(document: Document, path: Path, issue: Extract<Issue, { code: 'invalid_key' }>): Problem {
  const expected = issue.issues[0]?.message ?? 'another name'
  const key = JSON.stringify(path.at(-1))
  return { path, part: 'key', message: `${nameOf(document, path.slice(0, -1))}: expected ${expected}, got ${key}` }
}

function nearestValue(document: Document, path: Path, issue: Issue): string {
  const value = valueAt(document.written, path)
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return ''
  const nearest = nearestName(value, issue.values.map(String))
  return nearest === null ? '' : didYouMean(nearest)
}

function didYouMean(name: string): string {
  return `; did you mean "${name}"?`
}
