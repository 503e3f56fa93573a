import {
  BATCH,
  END,
  ERROR,
  ID,
  INVALID,
  KIND,
  LENGTH,
  LEX,
  LIMIT,
  LOCATED,
  METHOD,
  NOTIFICATION,
  ORIGIN,
  PARAMS,
  PROBLEM,
  REQUEST,
  RESPONSE,
  RESULT,
  type ScanState,
  SHAPE,
  SKIP,
  TOO_LARGE,
  TOP,
  TYPE,
  word,
} from './layout.ts'

const QUOTE = 0x22
const MINUS_SIGN = 0x2d
const NULL = 0x6e
const BRACE = 0x7b
const BRACKET = 0x5b

/** The message's value ended before `at`: what kind of message is it? Trailing garbage may still make it invalid. */
export function finishMessage(at: number, state: ScanState): void {
  const length = at - state[ORIGIN]
  state[LENGTH] = length
  if (length > state[LIMIT]) {
    refuse(state, TOO_LARGE)
    state[LEX] = SKIP
    return
  }
  state[LEX] = END
  const kind = kindOf(state)
  if (kind === INVALID) refuse(state, SHAPE)
  else state[KIND] = kind
}

function refuse(state: ScanState, problem: number): void {
  state[PROBLEM] = problem
  state[KIND] = INVALID
}

function kindOf(state: ScanState): number {
  if (state[TOP] === BRACKET) return BATCH
  if (state[TOP] !== BRACE) return INVALID
  const located = state[LOCATED]
  if (has(located, PARAMS) && !isContainer(word(state, TYPE + PARAMS))) return INVALID
  const id = has(located, ID) ? idKind(word(state, TYPE + ID)) : ABSENT
  if (id === INVALID) return INVALID
  return has(located, METHOD) ? callKind(id, state) : responseKind(id, located)
}

/** A request's id is a string or an integer; MCP does not allow null there. */
function callKind(id: number, state: ScanState): number {
  const hasOutcome = has(state[LOCATED], RESULT) || has(state[LOCATED], ERROR)
  if (hasOutcome || word(state, TYPE + METHOD) !== QUOTE || id === NULL) return INVALID
  return id === ABSENT ? NOTIFICATION : REQUEST
}

/** Only an error may answer a message whose id was not understood. */
function responseKind(id: number, located: number): number {
  if (has(located, RESULT) === has(located, ERROR)) return INVALID
  return id === PRESENT || has(located, ERROR) ? RESPONSE : INVALID
}

const ABSENT = -1
const PRESENT = -2

function idKind(first: number): number {
  if (first === NULL) return NULL
  return first === QUOTE || first === MINUS_SIGN || (first >= 0x30 && first <= 0x39) ? PRESENT : INVALID
}

function has(located: number, field: number): boolean {
  return (located & (1 << field)) !== 0
}

function isContainer(first: number): boolean {
  return first === BRACE || first === BRACKET
}
