import { fieldAt } from './keys.ts'
import {
  AFTER,
  ARRAY_FIRST,
  COLON,
  DEPTH,
  DUPLICATE,
  IN_KEY,
  INVALID,
  KEY_FOLDED,
  KEY_NODE,
  KIND,
  LEX,
  LIMIT,
  LOCATED,
  MAX_DEPTH,
  META,
  OBJECT_FIRST,
  OPEN,
  ORIGIN,
  PARAMS,
  PROBLEM,
  type ScanState,
  SEEN,
  SKIP,
  SPANS,
  STACK,
  STRING,
  TOO_DEEP,
  TOO_LARGE,
  TRACK,
  TYPE,
  word,
} from './layout.ts'
import { finishMessage } from './shape.ts'

/** The rest of the frame is skipped; the byte at fault is not consumed. Beyond the limit, being too large is the problem. */
export function fail(at: number, state: ScanState, problem: number): number {
  state[PROBLEM] = at - state[ORIGIN] >= state[LIMIT] ? TOO_LARGE : problem
  state[KIND] = INVALID
  state[LEX] = SKIP
  return at
}

/** Notes where the value of a decisive key begins, and its first byte. */
export function noteStart(byte: number, at: number, state: ScanState): void {
  if (state[DEPTH] !== state[TRACK]) return
  const field = word(state, OPEN + state[DEPTH])
  if (field < 0) return
  state[SPANS + 2 * field] = at - state[ORIGIN]
  if (field <= PARAMS) state[TYPE + field] = byte
}

/** A value ends before `at`. */
export function endValue(at: number, state: ScanState): number {
  const depth = state[DEPTH]
  if (depth === state[TRACK]) noteEnd(at, state)
  if (depth === 0) finishMessage(at, state)
  else state[LEX] = AFTER
  return at
}

/** A string value begins after `at`. */
export function beginString(at: number, state: ScanState): number {
  state[IN_KEY] = 0
  state[KEY_NODE] = 0
  state[LEX] = STRING
  return at + 1
}

/** A key begins after `at`; it is matched only in a decisive object. */
export function beginKey(at: number, state: ScanState): number {
  state[IN_KEY] = 1
  state[KEY_NODE] = state[DEPTH] === state[TRACK] ? state[DEPTH] : 0
  state[KEY_FOLDED] = 0
  state[LEX] = STRING
  return at + 1
}

/** The closing quote is at `at`. */
export function endString(at: number, state: ScanState): number {
  if (state[IN_KEY] === 0) return endValue(at + 1, state)
  state[LEX] = COLON
  const field = fieldAt(state[KEY_NODE])
  return field < 0 ? at + 1 : claimField(field, at, state)
}

/** An object or array opens at `at`. */
export function openContainer(isObject: boolean, at: number, state: ScanState): number {
  const depth = state[DEPTH]
  if (depth === MAX_DEPTH) return fail(at, state, TOO_DEEP)
  const index = STACK + (depth >> 5)
  const bit = 1 << (depth & 31)
  state[index] = isObject ? word(state, index) | bit : word(state, index) & ~bit
  if (isObject && isDecisive(depth, state)) {
    state[TRACK] = depth + 1
    state[OPEN + depth + 1] = -1
  }
  state[DEPTH] = depth + 1
  state[LEX] = isObject ? OBJECT_FIRST : ARRAY_FIRST
  return at + 1
}

/** The innermost container closes at `at`. */
export function closeContainer(at: number, state: ScanState): number {
  state[DEPTH] -= 1
  if (state[TRACK] > state[DEPTH]) state[TRACK] = state[DEPTH]
  return endValue(at + 1, state)
}

export function isInObject(state: ScanState): boolean {
  const depth = state[DEPTH] - 1
  return ((word(state, STACK + (depth >> 5)) >>> (depth & 31)) & 1) === 1
}

/** Is an object that opens here the message, its params or their _meta? */
function isDecisive(depth: number, state: ScanState): boolean {
  if (depth === 0) return true
  if (depth !== state[TRACK]) return false
  const field = word(state, OPEN + depth)
  return (depth === 1 && field === PARAMS) || (depth === 2 && field === META)
}

/** What ends beyond the limit is not located, so that how the bytes were cut makes no difference. */
function noteEnd(at: number, state: ScanState): void {
  const open = OPEN + state[DEPTH]
  const field = word(state, open)
  if (field < 0) return
  const end = at - state[ORIGIN]
  state[SPANS + 2 * field + 1] = end
  if (end <= state[LIMIT]) state[LOCATED] |= 1 << field
  state[open] = -1
}

/**
 * A decisive key ended at `at`. Twice is refused. So is another letter case at the top level, where a receiver that
 * ignores case would find an id that we did not see; further in it counts only as an occurrence.
 */
function claimField(field: number, at: number, state: ScanState): number {
  const bit = 1 << field
  const isFolded = state[KEY_FOLDED] === 1
  if ((state[SEEN] & bit) !== 0 || (isFolded && state[DEPTH] === 1)) {
    fail(at, state, DUPLICATE)
    if (state[PROBLEM] === DUPLICATE) state[LOCATED] &= ~bit
    return at
  }
  state[SEEN] |= bit
  state[OPEN + state[DEPTH]] = isFolded ? -1 : field
  return at + 1
}
