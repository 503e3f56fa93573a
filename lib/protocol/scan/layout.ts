import { type Field, fields, type MessageKind, type Problem } from '../model.ts'

/**
 * The words of the scan state and of a record: the contract between the native scanner (native/core/scan.h) and its
 * twin. Both read and write the same state, so either may take over from the other at any border between chunks.
 */

/** Position in the grammar: one of the `lex` states below. */
export const LEX = 0
export const DEPTH = 1
/** Where the message's first byte lies, counted from the current chunk's start; negative when in an earlier chunk. */
export const ORIGIN = 2
/** Bytes of the message, known once its value is complete (LEX is END). */
export const LENGTH = 3
/** The most bytes that a message may have. */
export const LIMIT = 4
/** LINES or DOCUMENT. */
export const MODE = 5
/** Out: the first byte of the chunk that was not consumed. */
export const POSITION = 6
/** In and out: index into the records where the next one goes. */
export const WRITE = 7
export const PROBLEM = 8
export const KIND = 9
/** 1 when a raw CR or LF stands between tokens. */
export const BREAKS = 10
/** Bits of the decisive keys met, in any spelling. */
export const SEEN = 11
/** Bits of the fields whose spans are complete. */
export const LOCATED = 12
/** How many decisive objects are open from the top: 1 message, 2 params, 3 _meta. Current one is decisive if equal to DEPTH. */
export const TRACK = 13
/** Node of the key tree that the current key has reached; 0 is "no decisive key". */
export const KEY_NODE = 14
/** 1 when the key so far matches only without regard to letter case. */
export const KEY_FOLDED = 15
/** 1 while the current string is a key. */
export const IN_KEY = 16
/** Hex digits, continuation bytes or letters of a literal still to come. */
export const LEFT = 17
/** Bounds of the next continuation byte. */
export const LOW = 18
export const HIGH = 19
/** Code point of an escape or of a UTF-8 sequence so far. */
export const CODE = 20
/** Which literal: index into `literals`. */
export const WORD = 21
/** First byte of the message: tells object, array and anything else apart. */
export const TOP = 22
/** OPEN + depth (0 to 3): the field whose value is being read in that decisive object, or -1. */
export const OPEN = 23
/** TYPE + field (id, method, params): first byte of its value, 0 for a number that is no integer. */
export const TYPE = 27
/** SPANS + 2 × field: start and end, counted from the message's first byte; valid where LOCATED has the bit. */
export const SPANS = 30
/** One bit per open container, 1 for an object. */
export const STACK = SPANS + 2 * fields.length
export const MAX_DEPTH = 1024
export const STATE_WORDS = STACK + MAX_DEPTH / 32

/** Words of a record: flags, bits of the fields present, start, length, then start and end of each field present. */
export const RECORD_HEAD = 4
export const MAX_RECORD_WORDS = RECORD_HEAD + 2 * fields.length

/** One message a line; a raw LF ends it. */
export const LINES = 0
/** One message in all the chunks; a raw LF is white space. */
export const DOCUMENT = 1

// LEX. The order is part of the contract with the native scanner.
export const START = 0
export const VALUE = 1
export const ARRAY_FIRST = 2
export const OBJECT_FIRST = 3
export const KEY = 4
export const COLON = 5
export const AFTER = 6
export const END = 7
export const SKIP = 8
export const STRING = 9
export const ESCAPE = 10
export const HEX = 11
export const UTF8 = 12
export const LITERAL = 13
export const MINUS = 14
export const ZERO = 15
export const INTEGER = 16
export const DOT = 17
export const FRACTION = 18
export const EXPONENT = 19
export const EXPONENT_SIGN = 20
export const EXPONENT_DIGITS = 21

export const ID = 0
export const METHOD = 1
export const PARAMS = 2
export const RESULT = 3
export const ERROR = 4
export const META = 10

export const kinds = ['request', 'notification', 'response', 'batch', 'invalid'] as const satisfies MessageKind[]
export const REQUEST = 0
export const NOTIFICATION = 1
export const RESPONSE = 2
export const BATCH = 3
export const INVALID = 4

/** Why a frame is refused: what is wrong with the message, or that it is longer than the limit. */
export type Refusal = Problem | 'too-large'
export const refusals = [
  null,
  'syntax',
  'utf8',
  'depth',
  'duplicate',
  'shape',
  'too-large',
] as const satisfies (Refusal | null)[]
export const SYNTAX = 1
export const BAD_UTF8 = 2
export const TOO_DEEP = 3
export const DUPLICATE = 4
export const SHAPE = 5
export const TOO_LARGE = 6

type FixedSlot = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22

/** A state array whose named words exist. */
export type ScanState = Int32Array & Record<FixedSlot, number>

/** Message sizes and chunk sizes stay below this, so that all arithmetic fits 32 bits. */
export const MAX_LIMIT = (1 << 30) - 1

/** A scanner at the start of its input. `limit`: bytes of the longest message accepted, less than 1 GiB. */
export function newScanState(mode: typeof LINES | typeof DOCUMENT, limit: number): ScanState {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RangeError(`The longest message must be 1 to ${MAX_LIMIT} bytes, not ${limit}.`)
  }
  const state = stateOf(new Int32Array(STATE_WORDS))
  state[MODE] = mode
  state[LIMIT] = limit
  return state
}

/** Checks the length; that is all it takes for the named words to exist. */
export function stateOf(words: Int32Array): ScanState {
  if (words.length < STATE_WORDS) throw new RangeError(`A scan state has ${STATE_WORDS} words, not ${words.length}.`)
  return words as ScanState
}

/** A word that the layout says exists. */
export function word(words: Int32Array, index: number): number {
  return words[index] as number
}

/** A byte at a position that the caller compared with the chunk's length. */
export function byteAt(chunk: Uint8Array, at: number): number {
  return chunk[at] as number
}

export function fieldIndex(field: Field): number {
  return indexes[field]
}

const indexes = Object.fromEntries(fields.map((field, index) => [field, index])) as Record<Field, number>
