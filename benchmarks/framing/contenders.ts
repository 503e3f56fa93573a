import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { ReadBuffer as ReadBuffer1 } from '@modelcontextprotocol/sdk/shared/stdio.js'
import { ReadBuffer as ReadBuffer2 } from '@modelcontextprotocol/server'
import { scanChunk } from '../../lib/native/index.ts'
import { Framer } from '../../lib/protocol/framer.ts'
import { type ScanChunk, scanChunkJs } from '../../lib/protocol/scan.ts'

export interface Contender {
  readonly name: string
  /** What its time buys: the numbers mean nothing without it. */
  readonly does: string
  /** Frames found. */
  run(chunks: readonly Buffer[]): number | Promise<number>
}

const LF = 0x0a
const envelope = 'checks JSON and UTF-8, locates id, method, … as views; reads id and kind'

export const contenders: readonly Contender[] = [
  { name: 'mcpo native', does: envelope, run: (chunks) => framed(scanChunk, chunks) },
  { name: 'mcpo twin', does: `${envelope} (TypeScript)`, run: (chunks) => framed(scanChunkJs, chunks) },
  { name: 'SDK 1 ReadBuffer', does: 'parses, validates with zod', run: (chunks) => sdkRead(new ReadBuffer1(), chunks) },
  { name: 'SDK 2 ReadBuffer', does: 'parses, validates with zod', run: (chunks) => sdkRead(new ReadBuffer2(), chunks) },
  { name: 'indexOf + JSON.parse', does: 'lines as strings, parsed', run: (chunks) => indexed(chunks, parseId) },
  { name: 'node:readline', does: 'lines as strings, not looked at', run: readlines },
  { name: 'Buffer.indexOf', does: 'offsets of lines, not looked at', run: (chunks) => indexed(chunks, null) },
]

function framed(scan: ScanChunk, chunks: readonly Buffer[]): number {
  let frames = 0
  const framer = new Framer({
    scan,
    maxFrameBytes: 64 << 20,
    onMessage(message) {
      if (message.kind !== 'invalid' && message.raw('id') !== null) frames += 1
    },
    onReject(rejection) {
      throw new Error(`the corpus is valid, but a frame was refused: ${rejection.reason}`)
    },
  })
  for (const chunk of chunks) framer.push(chunk)
  return frames
}

function sdkRead(buffer: { append(chunk: Buffer): void; readMessage(): unknown }, chunks: readonly Buffer[]): number {
  let frames = 0
  for (const chunk of chunks) {
    buffer.append(chunk)
    while (buffer.readMessage() !== null) frames += 1
  }
  return frames
}

/** The least that splitting lines can cost in JavaScript; a line's pieces are joined only when it is looked at. */
function indexed(chunks: readonly Buffer[], look: ((line: string) => unknown) | null): number {
  let frames = 0
  let pending: Buffer[] = []
  for (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      if (look !== null) look(lineOf(pending, chunk.subarray(from, end)))
      pending = []
      frames += 1
      from = end + 1
    }
    if (from < chunk.length) pending.push(chunk.subarray(from))
  }
  return frames
}

function lineOf(pending: readonly Buffer[], last: Buffer): string {
  return pending.length === 0 ? last.toString() : Buffer.concat([...pending, last]).toString()
}

function parseId(line: string): unknown {
  return (JSON.parse(line) as { id?: unknown }).id
}

function readlines(chunks: readonly Buffer[]): Promise<number> {
  const { promise, resolve } = withResolvers()
  let frames = 0
  const lines = createInterface({
    input: Readable.from(chunks, { objectMode: false }),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  lines.on('line', () => {
    frames += 1
  })
  lines.on('close', () => resolve(frames))
  return promise
}

function withResolvers(): { promise: Promise<number>; resolve: (frames: number) => void } {
  let resolve: (frames: number) => void = () => {}
  const promise = new Promise<number>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
