import { elementsOf, isArray, isObject, membersOf, stringAt } from './json-walk.ts'
import type { Edit } from './message.ts'
import type { Message, Span } from './model.ts'
import { bytesOf } from './pieces.ts'

/** In a path: every element of the array that stands there. */
export const each = Symbol('each')

/** A way through a message, from `params` or `result` on. */
export type Path = readonly (string | typeof each)[]

/** A string in a message: where it stands, with its quotes, and what it says. */
export interface LocatedString {
  readonly span: Span
  readonly text: string
}

/** Strings of a message that its reader knows under other names. */
export interface Renaming {
  readonly paths: readonly Path[]
  /** What the reader calls it. Asked once for each string found, in the order they stand. */
  shown(text: string): string
  /** False: in this message the paths lead to something else. */
  isMeant?(message: Message): boolean
}

/** The strings at the ends of the paths. A name that stands in an object twice is followed twice; the rest is not parsed. */
export function stringsAt(message: Message, paths: readonly Path[]): LocatedString[] {
  return (['params', 'result'] as const).flatMap((root) => {
    const span = message.span(root)
    const rest = paths.filter(([first]) => first === root).map((path) => path.slice(1))
    const json = span === null || rest.length === 0 ? null : bytesOf(message.pieces, span)
    if (span === null || json === null || !mayHold([json], rest)) return []
    return [...stringsIn(json, { start: 0, end: json.length }, rest)].map(({ span: { start, end }, text }) => ({
      span: { start: start + span.start, end: end + span.start },
      text,
    }))
  })
}

/** What must change in a message for its reader; strings that keep their names keep their bytes. */
export function renamingEdits(message: Message, renamings: readonly Renaming[]): Edit[] {
  return renamings.flatMap(({ paths, shown, isMeant }) => {
    const found = stringsAt(message, paths)
    if (found.length === 0 || isMeant?.(message) === false) return []
    const named = found.map(({ span, text }) => ({ span, text, name: shown(text) }))
    return named.flatMap(({ span, text, name }) => (name === text ? [] : [{ span, bytes: JSON.stringify(name) }]))
  })
}

/** False: none of the paths can end in these bytes. A look, much faster than the walk. */
export function mayHold(pieces: readonly Buffer[], paths: readonly Path[]): boolean {
  if (paths.length === 0) return false
  const bytes = joined(pieces)
  const names = new Set(paths.map((path) => path.findLast((step) => step !== each)))
  const needles = [...[...names].map((name) => `"${String(name)}"`), ...escapedLetters]
  return needles.some((needle) => bytes.includes(needle))
}

/** How the escapes of ASCII letters begin: so spelled, a name can look like anything. Others are common, and none of a name. */
const escapedLetters = ['\\u004', '\\u005', '\\u006', '\\u007']

function* stringsIn(json: Buffer, value: Span, paths: readonly Path[]): Generator<LocatedString> {
  if (paths.some((path) => path.length === 0)) {
    const text = stringAt(json, value)
    if (text !== null) yield { span: value, text }
  } else if (isObject(json, value)) {
    for (const member of membersOf(json, value.start)) yield* stringsBehind(json, member.value, paths, member.key)
  } else if (isArray(json, value) && paths.some(([first]) => first === each)) {
    for (const element of elementsOf(json, value.start)) yield* stringsBehind(json, element, paths, each)
  }
}

function* stringsBehind(
  json: Buffer,
  value: Span,
  paths: readonly Path[],
  step: Path[number],
): Generator<LocatedString> {
  const rest = paths.filter(([first]) => first === step).map((path) => path.slice(1))
  if (rest.length > 0) yield* stringsIn(json, value, rest)
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces)
}
