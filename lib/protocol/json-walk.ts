import type { Span } from './model.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b

/** A member of an object: its key decoded, where the key begins, and where the value lies. */
export interface Member {
  readonly key: string
  readonly start: number
  readonly value: Span
}

/** Members of the object that begins at `start`, in order. The bytes are known to be valid JSON: nothing is checked again. */
export function* membersOf(json: Buffer, start: number): Generator<Member> {
  let at = skipSpace(json, start + 1)
  while (json[at] === QUOTE) {
    const keyEnd = endOfString(json, at)
    const key = decodeKey(json, at, keyEnd)
    const value = spanOfValue(json, skipSpace(json, skipSpace(json, keyEnd) + 1))
    yield { key, start: at, value }
    at = skipSeparator(json, value.end)
  }
}

/** Values of the array that begins at `start`, in order. */
export function* elementsOf(json: Buffer, start: number): Generator<Span> {
  let at = skipSpace(json, start + 1)
  while (json[at] !== 0x5d) {
    const value = spanOfValue(json, at)
    yield value
    at = skipSeparator(json, value.end)
  }
}

export function isObject(json: Buffer, value: Span): boolean {
  return json[value.start] === OPEN_BRACE
}

export function isArray(json: Buffer, value: Span): boolean {
  return json[value.start] === OPEN_BRACKET
}

/** The string's value, `null` for a value of another type. */
export function stringAt(json: Buffer, value: Span): string | null {
  return json[value.start] === QUOTE ? decodeKey(json, value.start, value.end) : null
}

function decodeKey(json: Buffer, start: number, end: number): string {
  const text = json.toString('utf8', start, end)
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
}

function spanOfValue(json: Buffer, start: number): Span {
  const first = json[start]
  if (first === QUOTE) return { start, end: endOfString(json, start) }
  const end = first === OPEN_BRACE || first === OPEN_BRACKET ? endOfContainer(json, start) : endOfToken(json, start)
  return { start, end }
}

function endOfContainer(json: Buffer, start: number): number {
  let depth = 0
  let at = start
  do {
    const byte = json[at]
    if (byte === QUOTE) {
      at = endOfString(json, at)
      continue
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1
    else if (byte === 0x7d || byte === 0x5d) depth -= 1
    at += 1
  } while (depth > 0)
  return at
}

/** After the closing quote: the first quote with an even number of backslashes before it. */
function endOfString(json: Buffer, start: number): number {
  let quote = json.indexOf(QUOTE, start + 1)
  while (isEscaped(json, quote)) quote = json.indexOf(QUOTE, quote + 1)
  return quote + 1
}

function isEscaped(json: Buffer, quote: number): boolean {
  let at = quote - 1
  while (json[at] === BACKSLASH) at -= 1
  return (quote - at) % 2 === 0
}

/** Numbers and literals end at white space, a comma or a closing bracket. */
function endOfToken(json: Buffer, start: number): number {
  let at = start
  for (let byte = json[at]; byte !== undefined && !isTokenEnd(byte); byte = json[at]) at += 1
  return at
}

function isTokenEnd(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte === 0x5d || byte === 0x7d
}

function skipSeparator(json: Buffer, from: number): number {
  const at = skipSpace(json, from)
  return json[at] === 0x2c ? skipSpace(json, at + 1) : at
}

function skipSpace(json: Buffer, from: number): number {
  let at = from
  for (let byte = json[at]; byte !== undefined && byte <= 0x20; byte = json[at]) at += 1
  return at
}
