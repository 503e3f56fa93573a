import { fields } from '../model.ts'
import {
  BREAKS,
  INVALID,
  KIND,
  LENGTH,
  LOCATED,
  MAX_RECORD_WORDS,
  ORIGIN,
  PROBLEM,
  RECORD_HEAD,
  type ScanState,
  SPANS,
  stateOf,
  WRITE,
  word,
} from './layout.ts'

/**
 * Appends the record of a message whose frame ends before `at`:
 * `kind | problem << 4 | breaks << 8`, bits of the fields present, start in the chunk, length, and the spans of those fields.
 * The length of an invalid one is that of its frame.
 */
export function writeRecord(at: number, state: ScanState, records: Int32Array): void {
  const head = state[WRITE]
  const located = state[LOCATED]
  records[head] = headWord(state)
  records[head + 1] = located
  records[head + 2] = state[ORIGIN]
  records[head + 3] = state[KIND] === INVALID ? at - state[ORIGIN] : state[LENGTH]
  let write = head + RECORD_HEAD
  for (let field = 0; field < fields.length; field += 1) {
    if ((located & (1 << field)) === 0) continue
    records[write] = word(state, SPANS + 2 * field)
    records[write + 1] = word(state, SPANS + 2 * field + 1)
    write += 2
  }
  state[WRITE] = write
}

/** The record of a message that is not complete yet. */
export function snapshotRecord(state: ScanState): Int32Array {
  const copy = stateOf(state.slice())
  const record = new Int32Array(MAX_RECORD_WORDS)
  copy[WRITE] = 0
  writeRecord(0, copy, record)
  return record
}

function headWord(state: ScanState): number {
  return state[KIND] | (state[PROBLEM] << 4) | (state[BREAKS] << 8)
}
