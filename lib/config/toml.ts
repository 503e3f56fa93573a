/** The one place that reads TOML. `@iarna/toml` decides what is valid; the syntax tree only sharpens where an error stands. */
import { parseDocument } from '@decimalturn/toml-patch'
import toml from '@iarna/toml'
import type { Position } from './positions.ts'

/** What the text says, or why and where it is no TOML. The reason never holds text of the file: it may be a secret. */
export type ParsedToml =
  | { readonly value: Record<string, unknown> }
  | { readonly reason: string; readonly position: Position }

export function parseToml(text: string): ParsedToml {
  try {
    return { value: toml.parse(text) }
  } catch (thrown) {
    return { reason: reasonOf(thrown), position: sharper(text, positionOf(thrown)) }
  }
}

/** The parser's message goes on with an excerpt of the file, from " at row" on. */
function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const reason = message.split(/ at row \d+|\n/, 1)[0] ?? ''
  const unknownCharacter = /^Unknown character "(\d+)"$/.exec(reason)
  if (unknownCharacter === null) return reason.replace(/^C/, 'c').replace(/^U/, 'u')
  return `a key or a table cannot start with ${JSON.stringify(String.fromCodePoint(Number(unknownCharacter[1])))}`
}

function positionOf(thrown: unknown): Position {
  const { line, col } = thrown as { line?: unknown; col?: unknown }
  return { line: count(line) + 1, column: Math.max(count(col), 1) }
}

/** The reading parser stops behind what it refuses; the tree's parser names its start, when both mean the same line. */
function sharper(text: string, position: Position): Position {
  try {
    parseDocument(text)
  } catch (thrown) {
    const { line, column } = thrown as { line?: unknown; column?: unknown }
    if (line === position.line) return { line: position.line, column: count(column) + 1 }
  }
  return position
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}
