import type { Span } from '../model.ts'
import { END, INVALID, KIND, LENGTH, LEX, ORIGIN, type ScanState, SKIP, START, SYNTAX, WRITE } from './layout.ts'
import { writeRecord } from './records.ts'
import { fail } from './values.ts'

/**
 * Ends a document of `total` bytes plus one LF: writes its one record and gives the message's place among the bytes. A document
 * without a message, or with half of one, is a syntax error.
 */
export function endDocument(total: number, state: ScanState, records: Int32Array): Span {
  if (state[LEX] === START) state[ORIGIN] = -(total + 1)
  if (state[LEX] !== END && state[LEX] !== SKIP) fail(0, state, SYNTAX)
  const start = total + 1 + state[ORIGIN]
  const end = state[KIND] === INVALID ? total : start + state[LENGTH]
  state[WRITE] = 0
  writeRecord(-1, state, records)
  return { start, end }
}
