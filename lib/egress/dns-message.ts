/** The little of DNS (RFC 1035) that a stub answers with: one question, at most one address. Pure. */
import { Buffer } from 'node:buffer'

export interface Question {
  readonly id: number
  readonly recursionDesired: boolean
  /** As asked, without the trailing dot; any bytes. */
  readonly name: string
  readonly type: number
  readonly class: number
  /** Of the question section, as it came. */
  readonly bytes: Buffer
}

export const recordTypes = { a: 1, aaaa: 28 } as const
export const internetClass = 1
export const responseCodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  noSuchName: 3,
  notImplemented: 4,
  refused: 5,
}

const headerBytes = 12
const maxNameBytes = 255
const pointerToQuestion = Buffer.from([0xc0, headerBytes])

/** `null` for what is no query with one question. */
export function readQuestion(message: Buffer): Question | null {
  if (message.length < headerBytes + 5) return null
  const flags = message.readUInt16BE(2)
  const isQuery = (flags & 0x8000) === 0 && (flags & 0x7800) === 0
  if (!isQuery || message.readUInt16BE(4) !== 1) return null
  const labels: string[] = []
  let at = headerBytes
  for (;;) {
    const length = message[at]
    // No compression in a question: there is nothing to point to.
    if (length === undefined || length > 63 || at + 1 + length > message.length || at - headerBytes > maxNameBytes)
      return null
    at += 1
    if (length === 0) break
    labels.push(message.toString('latin1', at, at + length))
    at += length
  }
  if (at + 4 > message.length || labels.some((label) => label.includes('.'))) return null
  return {
    id: message.readUInt16BE(0),
    recursionDesired: (flags & 0x0100) !== 0,
    name: labels.join('.'),
    type: message.readUInt16BE(at),
    class: message.readUInt16BE(at + 2),
    bytes: message.subarray(headerBytes, at + 4),
  }
}

export interface Answer {
  readonly code: number
  /** Four bytes; `null`: there is no such record. */
  readonly address: readonly number[] | null
  readonly ttlSeconds: number
}

export function writeAnswer(question: Question, { code, address, ttlSeconds }: Answer): Buffer {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt16BE(question.id, 0)
  // Response, recursion available.
  header.writeUInt16BE(0x8080 | (question.recursionDesired ? 0x0100 : 0) | code, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(address === null ? 0 : 1, 6)
  if (address === null) return Buffer.concat([header, question.bytes])
  const record = Buffer.alloc(10)
  record.writeUInt16BE(recordTypes.a, 0)
  record.writeUInt16BE(internetClass, 2)
  record.writeUInt32BE(ttlSeconds, 4)
  record.writeUInt16BE(4, 8)
  return Buffer.concat([header, question.bytes, pointerToQuestion, record, Buffer.from(address)])
}
