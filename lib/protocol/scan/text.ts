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
  if (state[KEY_NODE] === 0) at = skipPlain(chunk, at)
  if (at === chunk.length) return at
  const byte = byteAt(chunk, at)
  if (byte === QUOTE) return endString(at, state)
  if (byte >= 0x80) return beginSequence(byte, at, state)
  if (byte !== BACKSLASH) return fail(at, state, SYNTAX)
  state[LEX] = ESCAPE
  return at + 1
}

/** To the first byte that a string does not take as it is, over whole sequences above ASCII too. */
function skipPlain(chunk: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    while (at < chunk.length && plain[byteAt(chunk, at)] === 1) at += 1
    if (at === chunk.length || byteAt(chunk, at) < 0x80) return at
    const next = skipSequences(chunk, at)
    if (next === at) return at
    at = next
  }
}

/** Over valid sequences that lie in the chunk with a byte to spare; what else there is, the slow way judges. */
function skipSequences(chunk: Uint8Array, from: number): number {
  let at = from
  while (chunk.length - at >= 4 && byteAt(chunk, at) >= 0x80) {
    const lead = byteAt(chunk, at)
    const left = bytesAfter(lead)
    const second = byteAt(chunk, at + 1)
    if (left === 0 || second < lowest(lead) || second > highest(lead)) return at
    if (left > 1 && (byteAt(chunk, at + 2) & 0xc0) !== 0x80) return at
    if (left > 2 && (byteAt(chunk, at + 3) & 0xc0) !== 0x80) return at
    at += 1 + left
  }
  return at
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
  const left = bytesAfter(byte)
  if (left === 0) return fail(at, state, BAD_UTF8)
  state[LEX] = UTF8
  state[LEFT] = left
  state[CODE] = byte & (0x3f >> left)
  state[LOW] = lowest(byte)
  state[HIGH] = highest(byte)
  return at + 1
}

/** Continuation bytes that a first byte wants; 0 for one that begins nothing. */
function bytesAfter(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0
  if (lead < 0xe0) return 1
  return lead < 0xf0 ? 2 : 3
}

/** Bounds of the second byte: they keep out overlong forms, surrogates and what is above U+10FFFF. */
function lowest(lead: number): number {
  if (lead === 0xe0) return 0xa0
  return lead === 0xf0 ? 0x90 : 0x80
}

function highest(lead: number): number {
  if (lead === 0xed) return 0x9f
  return lead === 0xf4 ? 0x8f : 0xbf
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
