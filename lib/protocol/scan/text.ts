import { feedKey } from './keys.ts'
import {
  BAD_UTF8,
  byteAt,
  CODE,
  ESCAPE,
  HEX,
  HIGH,
  KEY_NODE,
  LEFT,
  LEX,
  LOW,
  type ScanState,
  STRING,
  SYNTAX,
  UTF8,
} from './layout.ts'
import { endString, fail } from './values.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** 1 for the bytes that a string takes as they are: no quote, backslash, control character, nothing above ASCII. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)

export function scanString(chunk: Uint8Array, from: number, state: ScanState): number {
  let at = from
  while (state[KEY_NODE] !== 0 && at < chunk.length && plain[byteAt(chunk, at)] === 1) {
    feedKey(state, byteAt(chunk, at))
    at += 1
  }
  const end = chunk.length
  while (at < end && plain[byteAt(chunk, at)] === 1) at += 1
  if (at === end) return at
  const byte = byteAt(chunk, at)
  if (byte === QUOTE) return endString(at, state)
  if (byte >= 0x80) return beginSequence(byte, at, state)
  if (byte !== BACKSLASH) return fail(at, state, SYNTAX)
  state[LEX] = ESCAPE
  return at + 1
}

export function scanEscape(chunk: Uint8Array, at: number, state: ScanState): number {
  const byte = byteAt(chunk, at)
  if (byte === 0x75) {
    state[LEX] = HEX
    state[LEFT] = 4
    state[CODE] = 0
    return at + 1
  }
  const decoded = escapes.get(byte)
  if (decoded === undefined) return fail(at, state, SYNTAX)
  return endCharacter(decoded, at, state)
}

export function scanHex(chunk: Uint8Array, at: number, state: ScanState): number {
  const digit = hexDigit(byteAt(chunk, at))
  if (digit < 0) return fail(at, state, SYNTAX)
  state[CODE] = (state[CODE] << 4) | digit
  state[LEFT] -= 1
  return state[LEFT] === 0 ? endCharacter(state[CODE], at, state) : at + 1
}

/** A continuation byte. The first one's bounds keep out overlong forms, surrogates and what is above U+10FFFF. */
export function scanSequence(chunk: Uint8Array, at: number, state: ScanState): number {
  const byte = byteAt(chunk, at)
  if (byte < state[LOW] || byte > state[HIGH]) return fail(at, state, BAD_UTF8)
  state[LOW] = 0x80
  state[HIGH] = 0xbf
  state[CODE] = (state[CODE] << 6) | (byte & 0x3f)
  state[LEFT] -= 1
  return state[LEFT] === 0 ? endCharacter(state[CODE], at, state) : at + 1
}

function beginSequence(byte: number, at: number, state: ScanState): number {
  if (byte < 0xc2 || byte > 0xf4) return fail(at, state, BAD_UTF8)
  const left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
  state[LEX] = UTF8
  state[LEFT] = left
  state[CODE] = byte & (0x3f >> left)
  state[LOW] = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
  state[HIGH] = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
  return at + 1
}

function endCharacter(code: number, at: number, state: ScanState): number {
  if (state[KEY_NODE] !== 0) feedKey(state, code)
  state[LEX] = STRING
  return at + 1
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

const escapes = new Map([
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
])
