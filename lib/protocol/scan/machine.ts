import {
  AFTER,
  ARRAY_FIRST,
  BREAKS,
  byteAt,
  COLON,
  DEPTH,
  DOCUMENT,
  END,
  ESCAPE,
  HEX,
  KEY,
  LENGTH,
  LEX,
  LIMIT,
  LINES,
  LITERAL,
  LOCATED,
  MAX_LIMIT,
  MAX_RECORD_WORDS,
  MODE,
  OBJECT_FIRST,
  OPEN,
  ORIGIN,
  POSITION,
  PROBLEM,
  type ScanState,
  SEEN,
  SKIP,
  START,
  STRING,
  SYNTAX,
  stateOf,
  TOO_LARGE,
  TOP,
  TRACK,
  UTF8,
  VALUE,
  WRITE,
} from './layout.ts'
import { beginLiteral, beginNumber, scanLiteral, scanNumber } from './numbers.ts'
import { writeRecord } from './records.ts'
import { scanEscape, scanHex, scanSequence, scanString } from './text.ts'
import { beginKey, beginString, closeContainer, fail, isInObject, noteStart, openContainer } from './values.ts'

const LF = 0x0a
const CR = 0x0d
/** Farthest that ORIGIN goes back: a frame that is being skipped may be longer than 32 bits can count. */
const MIN_ORIGIN = -0x40000000

/** The scanner in TypeScript: same state, same records as the native one. See `ScanChunk`. */
export function scanChunkJs(chunk: Uint8Array, from: number, words: Int32Array, records: Int32Array): number {
  if (chunk.length > MAX_LIMIT || from > chunk.length) return -1
  const state = stateOf(words)
  let at = from
  let count = 0
  while (at < chunk.length && state[WRITE] + MAX_RECORD_WORDS <= records.length) {
    if (state[LEX] === END || state[LEX] === SKIP) {
      at = findFrameEnd(chunk, at, state)
      if (at === chunk.length) break
      writeRecord(at, state, records)
      state[LEX] = START
      count += 1
      at += 1
    } else at = scanToken(chunk, at, state)
  }
  if (at === chunk.length) endChunk(chunk.length, state)
  state[POSITION] = at
  return count
}

/** Position of the LF that ends a complete or refused frame, or the chunk's length. */
function findFrameEnd(chunk: Uint8Array, from: number, state: ScanState): number {
  const isLines = state[MODE] === LINES
  if (state[LEX] === END) {
    const at = skipSpace(chunk, from, isLines)
    if (at === chunk.length || (isLines && chunk[at] === LF)) return at
    fail(at, state, SYNTAX)
  }
  const end = isLines ? chunk.indexOf(LF, from) : -1
  return end < 0 ? chunk.length : end
}

function scanToken(chunk: Uint8Array, at: number, state: ScanState): number {
  switch (state[LEX]) {
    case START:
      return scanStart(chunk, at, state)
    case STRING:
      return scanString(chunk, at, state)
    case ESCAPE:
      return scanEscape(chunk, at, state)
    case HEX:
      return scanHex(chunk, at, state)
    case UTF8:
      return scanSequence(chunk, at, state)
    case LITERAL:
      return scanLiteral(chunk, at, state)
    case VALUE:
    case ARRAY_FIRST:
    case OBJECT_FIRST:
    case KEY:
    case COLON:
    case AFTER:
      return scanStructure(chunk, at, state)
    default:
      return scanNumber(chunk, at, state)
  }
}

/** White space and empty lines before a message belong to nobody. */
function scanStart(chunk: Uint8Array, from: number, state: ScanState): number {
  const at = skipSpace(chunk, from, false)
  if (at === chunk.length) return at
  state[LEX] = VALUE
  state[DEPTH] = 0
  state[ORIGIN] = at
  state[LENGTH] = 0
  state[PROBLEM] = 0
  state[BREAKS] = 0
  state[SEEN] = 0
  state[LOCATED] = 0
  state[TRACK] = 0
  state[TOP] = byteAt(chunk, at)
  state[OPEN] = -1
  return at
}

/** Goes on as long as one token follows another within the chunk: most of a message is read in here. */
function scanStructure(chunk: Uint8Array, from: number, state: ScanState): number {
  let at = from
  do {
    at = skipSpaceInside(chunk, at, state)
    if (at === chunk.length) return at
    at = scanPunctuation(chunk, at, state)
  } while (at < chunk.length && state[LEX] >= VALUE && state[LEX] <= AFTER)
  return at
}

function scanPunctuation(chunk: Uint8Array, at: number, state: ScanState): number {
  const byte = byteAt(chunk, at)
  switch (state[LEX]) {
    case COLON:
      if (byte !== 0x3a) return fail(at, state, SYNTAX)
      state[LEX] = VALUE
      return at + 1
    case AFTER:
      return scanAfter(byte, at, state)
    case OBJECT_FIRST:
      if (byte === 0x7d) return closeContainer(at, state)
      return byte === 0x22 ? scanKey(chunk, at, state) : fail(at, state, SYNTAX)
    case KEY:
      return byte === 0x22 ? scanKey(chunk, at, state) : fail(at, state, SYNTAX)
    case ARRAY_FIRST:
      return byte === 0x5d ? closeContainer(at, state) : scanValue(chunk, at, state)
    default:
      return scanValue(chunk, at, state)
  }
}

/** With its colon, when that follows at once. */
function scanKey(chunk: Uint8Array, from: number, state: ScanState): number {
  const at = scanString(chunk, beginKey(from, state), state)
  if (state[LEX] !== COLON || at === chunk.length || chunk[at] !== 0x3a) return at
  state[LEX] = VALUE
  return at + 1
}

function scanAfter(byte: number, at: number, state: ScanState): number {
  const isObject = isInObject(state)
  if (byte === 0x2c) {
    state[LEX] = isObject ? KEY : VALUE
    return at + 1
  }
  if (byte === (isObject ? 0x7d : 0x5d)) return closeContainer(at, state)
  return fail(at, state, SYNTAX)
}

function scanValue(chunk: Uint8Array, at: number, state: ScanState): number {
  const byte = byteAt(chunk, at)
  noteStart(byte, at, state)
  switch (byte) {
    case 0x22:
      return scanString(chunk, beginString(at, state), state)
    case 0x7b:
      return openContainer(true, at, state)
    case 0x5b:
      return openContainer(false, at, state)
    case 0x74:
    case 0x66:
    case 0x6e:
      return scanLiteral(chunk, beginLiteral(byte, at, state), state)
    default:
      return beginNumber(byte, state) ? scanNumber(chunk, at + 1, state) : fail(at, state, SYNTAX)
  }
}

function skipSpace(chunk: Uint8Array, from: number, stopsAtLf: boolean): number {
  let at = from
  while (at < chunk.length) {
    const byte = byteAt(chunk, at)
    if (byte !== 0x20 && byte !== 0x09 && byte !== CR && (byte !== LF || stopsAtLf)) break
    at += 1
  }
  return at
}

/** Between tokens a raw CR (and in a document LF) is legal but noted. */
function skipSpaceInside(chunk: Uint8Array, from: number, state: ScanState): number {
  let at = from
  while (at < chunk.length) {
    const byte = byteAt(chunk, at)
    if (byte > 0x20) break
    if (byte === CR || (byte === LF && state[MODE] === DOCUMENT)) state[BREAKS] = 1
    else if (byte !== 0x20 && byte !== 0x09) break
    at += 1
  }
  return at
}

/** The next chunk's positions start at 0 again. A message that has outgrown its limit is given up here. */
function endChunk(length: number, state: ScanState): void {
  const isInside = state[LEX] !== START && state[LEX] !== END && state[LEX] !== SKIP
  if (isInside && length - state[ORIGIN] > state[LIMIT]) fail(length, state, TOO_LARGE)
  state[ORIGIN] = Math.max(state[ORIGIN] - length, MIN_ORIGIN)
}
