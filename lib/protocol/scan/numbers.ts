import {
  byteAt,
  DEPTH,
  DOT,
  EXPONENT,
  EXPONENT_DIGITS,
  EXPONENT_SIGN,
  FRACTION,
  ID,
  INTEGER,
  LEFT,
  LEX,
  LITERAL,
  MINUS,
  OPEN,
  type ScanState,
  SYNTAX,
  TRACK,
  TYPE,
  WORD,
  word,
  ZERO,
} from './layout.ts'
import { endValue, fail } from './values.ts'

const NONE = -1
const ENDS = -2

/** The first byte of a value may be the first of a number. */
export function beginNumber(byte: number, state: ScanState): boolean {
  if (byte === 0x2d) state[LEX] = MINUS
  else if (byte === 0x30) state[LEX] = ZERO
  else if (byte > 0x30 && byte <= 0x39) state[LEX] = INTEGER
  else return false
  return true
}

/** A number goes on until a byte that is not part of one; the grammar allows an end only after a digit. */
export function scanNumber(chunk: Uint8Array, from: number, state: ScanState): number {
  let lex = state[LEX]
  for (let at = from; at < chunk.length; at += 1) {
    const next = afterByte(lex, byteAt(chunk, at))
    if (next === NONE) return fail(at, state, SYNTAX)
    if (next === ENDS) return endNumber(lex, at, state)
    lex = next
  }
  state[LEX] = lex
  return chunk.length
}

/** The first letter has been read. */
export function beginLiteral(byte: number, at: number, state: ScanState): number {
  state[WORD] = byte === 0x74 ? 0 : byte === 0x66 ? 1 : 2
  state[LEFT] = literal(state).length - 1
  state[LEX] = LITERAL
  return at + 1
}

export function scanLiteral(chunk: Uint8Array, from: number, state: ScanState): number {
  const letters = literal(state)
  for (let at = from; at < chunk.length; at += 1) {
    if (chunk[at] !== letters[letters.length - state[LEFT]]) return fail(at, state, SYNTAX)
    state[LEFT] -= 1
    if (state[LEFT] === 0) return endValue(at + 1, state)
  }
  return chunk.length
}

const literals = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')]

function literal(state: ScanState): Buffer {
  return literals[state[WORD]] as Buffer
}

function endNumber(lex: number, at: number, state: ScanState): number {
  const isInteger = lex === ZERO || lex === INTEGER
  const isId = state[DEPTH] === 1 && state[TRACK] === 1 && word(state, OPEN + 1) === ID
  if (isId && !isInteger) state[TYPE + ID] = 0
  return endValue(at, state)
}

function afterByte(lex: number, byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return afterDigit(lex, byte)
  const canEnd = lex === ZERO || lex === INTEGER || lex === FRACTION || lex === EXPONENT_DIGITS
  if (byte === 0x2e) return lex === ZERO || lex === INTEGER ? DOT : NONE
  if (byte === 0x65 || byte === 0x45) return canEnd && lex !== EXPONENT_DIGITS ? EXPONENT : NONE
  if (byte === 0x2b || byte === 0x2d) return lex === EXPONENT ? EXPONENT_SIGN : NONE
  return canEnd ? ENDS : NONE
}

function afterDigit(lex: number, byte: number): number {
  if (lex === MINUS) return byte === 0x30 ? ZERO : INTEGER
  if (lex === ZERO) return NONE
  if (lex === DOT) return FRACTION
  return lex === EXPONENT || lex === EXPONENT_SIGN ? EXPONENT_DIGITS : lex
}
