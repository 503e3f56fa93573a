/**
 * The one place that reads TOML. `@iarna/toml` gives the values; the parser of the syntax tree reads first, since the
 * other writes through keys that every object inherits: `[toString]` would change the function itself. A text must be
 * TOML to both.
 */
import { parse } from '@decimalturn/toml-patch'
import toml from '@iarna/toml'
import { locate, type Path, type Position } from './positions.ts'

/** What the text says, or why and where it is no TOML. The reason holds no value of the file: it may be a secret. */
export type ParsedToml =
  | { readonly value: Record<string, unknown> }
  | { readonly reason: string; readonly position: Position }

export function parseToml(text: string): ParsedToml {
  try {
    const inherited = inheritedKey(parse(text), [])
    if (inherited !== null) {
      const reason = `${JSON.stringify(inherited.at(-1))} cannot be a key`
      return { reason, position: locate(text)(inherited, 'key') }
    }
  } catch (thrown) {
    return { reason: treeReason(thrown), position: position(thrown, 'column', 1) }
  }
  try {
    return { value: toml.parse(text) }
  } catch (thrown) {
    return { reason: valueReason(thrown), position: position(thrown, 'col', 0) }
  }
}

/** The path of the first key that `Object.prototype` has too. */
function inheritedKey(value: unknown, path: Path): Path | null {
  if (typeof value !== 'object' || value === null || value instanceof Date) return null
  for (const [key, item] of Object.entries(value)) {
    const itemPath = [...path, Array.isArray(value) ? Number(key) : key]
    if (!Array.isArray(value) && key in Object.prototype) return itemPath
    const found = inheritedKey(item, itemPath)
    if (found !== null) return found
  }
  return null
}

/** The message's last line, after an excerpt of the file; what it quotes at length is of the file too. */
function treeReason(thrown: unknown): string {
  if (thrown instanceof RangeError) return 'nested too deeply'
  const message = messageOf(thrown).split('\n').at(-1) ?? ''
  if (/^Invalid (float|integer|datetime) "/.test(message)) {
    return 'expected a string in quotes, a number, true, false, a date, a list or a table'
  }
  return message.replace(/, found (?!end of).*$/, '').replace(/"[^"]{3,}"/g, '"…"')
}

/** The message up to its excerpt of the file. */
function valueReason(thrown: unknown): string {
  return messageOf(thrown).split(/ at row \d+|\n/, 1)[0] ?? ''
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** Each parser has its own way to count; columns from 0 in both, what one calls `line` counts from `firstLine`. */
function position(thrown: unknown, columnName: 'column' | 'col', firstLine: number): Position {
  const error = thrown as { line?: unknown; column?: unknown; col?: unknown }
  return { line: Math.max(count(error.line) - firstLine, 0) + 1, column: count(error[columnName]) + 1 }
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}
