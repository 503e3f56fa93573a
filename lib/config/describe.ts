import type { Path } from './positions.ts'

const maxShownLength = 40

/** What came, for an error: its value where it is short and no secret, else its kind. `value` is as in the file. */
export function describe(value: unknown, path: Path): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return describeText(value, path)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return 'a date or time'
  return Array.isArray(value) ? `a list of ${value.length}` : 'a table'
}

function describeText(value: string, path: Path): string {
  if (mayBeSecret(path)) return `a string of ${value.length} characters`
  const shown = value.length > maxShownLength ? `${value.slice(0, maxShownLength)}…` : value
  return JSON.stringify(shown)
}

/** Tokens stand in `[auth]`, in variables, headers, arguments and URLs. */
function mayBeSecret(path: Path): boolean {
  const [table, second, third] = path
  if (table === 'auth') return second !== 'type' && second !== 'auth_type'
  return table === 'servers' && typeof second === 'number' && ['env', 'headers', 'args', 'url'].includes(String(third))
}
