import { McpoError } from '../errors.ts'
import type { Message, Span } from './model.ts'
import { byteLengthOf, sliceOf } from './pieces.ts'
import { endDocument } from './scan/document.ts'
import { DOCUMENT, MAX_LIMIT, MAX_RECORD_WORDS, newScanState, type ScanChunk } from './scan.ts'
import { ScannedMessage } from './scanned.ts'

/** Bytes to put in place of a span; an empty span inserts. A string is written as UTF-8. */
export interface Edit {
  readonly span: Span
  readonly bytes: Buffer | string
}

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const newline = Buffer.from('\n')
const eventEnd = Buffer.from('\n\n')

/**
 * One message that is a whole document, such as an HTTP body, in the pieces it was read in. An empty body is `invalid`
 * with `syntax`. White space around the message is not part of it. The caller limits the size.
 */
export function parseMessage(pieces: readonly Buffer[], scan: ScanChunk): ScannedMessage {
  const total = byteLengthOf(pieces)
  if (total >= MAX_LIMIT)
    throw new McpoError('TOO_LARGE', `A message must be shorter than ${MAX_LIMIT} bytes, not ${total}.`)
  const state = newScanState(DOCUMENT, MAX_LIMIT)
  const records = new Int32Array(MAX_RECORD_WORDS)
  for (const piece of [...pieces, newline]) {
    if (scan(piece, 0, state, records) < 0)
      throw new RangeError(`The scanner refused a piece of ${piece.length} bytes.`)
  }
  const span = endDocument(total, state, records)
  return new ScannedMessage(sliceOf(pieces, span), records, 0)
}

/**
 * The message's bytes with edits applied: views of what stays, and the new bytes between them. Edits are in ascending
 * order and do not overlap. New bytes must be JSON text without raw line breaks, since a line break would end a frame.
 */
export function splice(message: Pick<Message, 'pieces' | 'byteLength'>, edits: readonly Edit[]): Buffer[] {
  const spliced: Buffer[] = []
  let from = 0
  for (const { span, bytes } of edits) {
    if (span.start < from || span.end < span.start || span.end > message.byteLength) {
      throw new McpoError('INTERNAL_ERROR', `Edit ${span.start}..${span.end} is out of order or outside the message.`)
    }
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    if (hasLineBreak(buffer)) throw new McpoError('INTERNAL_ERROR', 'An edit must not contain a raw line break.')
    spliced.push(...sliceOf(message.pieces, { start: from, end: span.start }), buffer)
    from = span.end
  }
  spliced.push(...sliceOf(message.pieces, { start: from, end: message.byteLength }))
  return spliced
}

/**
 * The message as one line. Raw CR and LF become spaces, so that nothing in a message can end the line: in valid JSON
 * they stand only between tokens. `mayBreak`: the message's `hasLineBreaks`; when false the pieces are not looked at.
 */
export function toLine(pieces: readonly Buffer[], mayBreak = true): Buffer[] {
  return [...(mayBreak ? withoutLineBreaks(pieces) : pieces), newline]
}

/** The message as one server-sent event, with an id if one is given. Line breaks as in `toLine`. */
export function toSseEvent(pieces: readonly Buffer[], eventId?: string, mayBreak = true): Buffer[] {
  if (eventId !== undefined && /[\r\n\0]/.test(eventId)) {
    throw new McpoError('INTERNAL_ERROR', 'An event id must not contain a line break or NUL.')
  }
  const id = eventId === undefined ? '' : `id: ${eventId}\n`
  const head = Buffer.from(`event: message\n${id}data: `)
  return [head, ...(mayBreak ? withoutLineBreaks(pieces) : pieces), eventEnd]
}

function withoutLineBreaks(pieces: readonly Buffer[]): Buffer[] {
  return pieces.map((piece) => (hasLineBreak(piece) ? blankLineBreaks(piece) : piece))
}

function hasLineBreak(bytes: Buffer): boolean {
  return bytes.includes(LF) || bytes.includes(CR)
}

function blankLineBreaks(piece: Buffer): Buffer {
  const copy = Buffer.from(piece)
  for (const [at, byte] of piece.entries()) if (byte === LF || byte === CR) copy[at] = SPACE
  return copy
}
