import type { Field, Message, MessageKind, Problem, Span } from './model.ts'
import { decodeString, textOf } from './pieces.ts'
import { ERROR, fieldIndex, kinds, RECORD_HEAD, type Refusal, refusals, word } from './scan/layout.ts'

/** A message as a record describes it. Keeps the record's array, which nobody overwrites, instead of a copy. */
export class ScannedMessage implements Message {
  readonly pieces: readonly Buffer[]
  readonly byteLength: number
  readonly #records: Int32Array
  readonly #head: number

  constructor(pieces: readonly Buffer[], records: Int32Array, head: number) {
    this.pieces = pieces
    this.byteLength = word(records, head + 3)
    this.#records = records
    this.#head = head
  }

  get kind(): MessageKind {
    return kinds[word(this.#records, this.#head) & 0xf] ?? 'invalid'
  }

  get problem(): Problem | null {
    const refusal = this.refusal
    return refusal === 'too-large' ? 'shape' : refusal
  }

  /** As `problem`, but also says that the frame was longer than the limit. */
  get refusal(): Refusal | null {
    return refusals[(word(this.#records, this.#head) >> 4) & 0xf] ?? null
  }

  get hasLineBreaks(): boolean {
    return word(this.#records, this.#head) >> 8 === 1
  }

  get isError(): boolean {
    return this.kind === 'response' && this.#has(ERROR)
  }

  span(field: Field): Span | null {
    const index = fieldIndex(field)
    if (!this.#has(index)) return null
    const before = word(this.#records, this.#head + 1) & ((1 << index) - 1)
    const at = this.#head + RECORD_HEAD + 2 * countBits(before)
    return { start: word(this.#records, at), end: word(this.#records, at + 1) }
  }

  raw(field: Field): string | null {
    const span = this.span(field)
    return span === null ? null : textOf(this.pieces, span)
  }

  text(field: Field): string | null {
    const json = this.raw(field)
    return json === null ? null : decodeString(json)
  }

  #has(index: number): boolean {
    return (word(this.#records, this.#head + 1) & (1 << index)) !== 0
  }
}

/** How many records' words are used up from `head` to the next record. */
export function recordWords(records: Int32Array, head: number): number {
  return RECORD_HEAD + 2 * countBits(word(records, head + 1))
}

function countBits(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1
  return count
}
