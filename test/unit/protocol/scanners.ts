import { scanChunk } from '../../../lib/native/index.ts'
import { Framer, type Rejection } from '../../../lib/protocol/framer.ts'
import { fields, type Message } from '../../../lib/protocol/model.ts'
import { type ScanChunk, scanChunkJs } from '../../../lib/protocol/scan.ts'

/** Every rule holds for both. */
export const scanners: readonly (readonly [string, ScanChunk])[] = [
  ['twin', scanChunkJs],
  ['native', scanChunk],
]

export interface Framed {
  readonly messages: Message[]
  readonly rejections: Rejection[]
  /** Both, in the order they came, as something to compare. */
  readonly events: unknown[]
}

/** What a framer makes of chunks. */
export function frame(scan: ScanChunk, chunks: readonly Buffer[], maxFrameBytes = 1 << 20): Framed {
  const framed: Framed = { messages: [], rejections: [], events: [] }
  const framer = new Framer({
    scan,
    maxFrameBytes,
    onMessage(message) {
      framed.messages.push(message)
      framed.events.push(describe(message))
    },
    onReject(rejection) {
      framed.rejections.push(rejection)
      framed.events.push(rejection)
    },
  })
  for (const chunk of chunks) framer.push(chunk)
  framer.end()
  return framed
}

/** One line, newline added; the only message, or the only rejection. */
export function frameLine(scan: ScanChunk, line: string | Buffer): Message | Rejection {
  const { messages, rejections } = frame(scan, [Buffer.concat([Buffer.from(line), Buffer.from('\n')])])
  const [only, ...more] = [...messages, ...rejections]
  if (only === undefined || more.length > 0) throw new Error(`not one frame: ${more.length + (only ? 1 : 0)}`)
  return only
}

/** Why a line is refused, or its kind. */
export function verdict(scan: ScanChunk, line: string | Buffer): string {
  const framed = frameLine(scan, line)
  return 'reason' in framed ? framed.reason : framed.kind
}

export function bytesOf(message: Message): string {
  return Buffer.concat(message.pieces).toString('latin1')
}

/** A copy in memory of its own, beside nothing else. */
export function alone(bytes: Uint8Array | string): Buffer {
  const source = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  const copy = Buffer.alloc(source.length)
  copy.set(source)
  return copy
}

/** Copies of the bytes, cut at the given sizes in turn. */
export function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(sizes[turn % sizes.length] ?? 1, 1)
    chunks.push(alone(bytes.subarray(at, at + size)))
    at += size
  }
  return chunks
}

function describe(message: Message): unknown {
  const { kind, problem, byteLength, hasLineBreaks, isError } = message
  const raws = fields.map((field) => message.raw(field))
  return { kind, problem, byteLength, hasLineBreaks, isError, raws, bytes: bytesOf(message) }
}
