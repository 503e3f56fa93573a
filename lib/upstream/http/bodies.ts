import type { Readable } from 'node:stream'
import { McpoError } from '../../errors.ts'
import type { SseReader } from '../../protocol/sse-reader.ts'

/** How long a body that is no stream of events may pause. */
const idleMs = 30_000

/** The bodies that are being read: all wait together while whoever reads what comes of them is too slow. */
export class Flow {
  private readonly bodies = new Set<Readable>()
  private paused = false

  pause(): void {
    this.paused = true
    for (const body of this.bodies) body.pause()
  }

  resume(): void {
    this.paused = false
    for (const body of this.bodies) body.resume()
  }

  /** Gives each chunk to `take` until the body ends, fails, or `take` wants no more. True: it came to its end. */
  read(body: Readable, take: (chunk: Buffer) => boolean): Promise<boolean> {
    if (body.closed) return Promise.resolve(body.readableEnded)
    this.bodies.add(body)
    return new Promise<boolean>((resolve) => {
      body.on('data', (chunk: Buffer) => {
        if (!take(chunk)) body.destroy()
      })
      body.once('close', () => resolve(body.readableEnded))
      if (this.paused) body.pause()
    }).finally(() => this.bodies.delete(body))
  }

  /** Reads events until the stream ends or breaks. Rejects when an event is too long. */
  async readEvents(body: Readable, reader: SseReader): Promise<void> {
    let fits = true
    await this.read(body, (chunk) => {
      fits = reader.push(chunk)
      return fits
    })
    if (!fits) throw new McpoError('TRANSPORT_ERROR', 'The server sent an event that is longer than a message may be')
  }
}

/** A whole body in the pieces that it came in. Rejects when it is longer than `maxBytes`, breaks off, or pauses for 30 s. */
export async function readWhole(body: Readable, maxBytes: number): Promise<readonly Buffer[]> {
  const pieces: Buffer[] = []
  let bytes = 0
  const timer = setTimeout(() => body.destroy(), idleMs).unref()
  const isWhole = await new Flow().read(body, (chunk) => {
    timer.refresh()
    pieces.push(chunk)
    bytes += chunk.length
    return bytes <= maxBytes
  })
  clearTimeout(timer)
  if (bytes > maxBytes)
    throw new McpoError('TRANSPORT_ERROR', `The answer of the server is longer than ${maxBytes} bytes`)
  if (!isWhole) throw new McpoError('TRANSPORT_ERROR', 'The answer of the server broke off')
  return pieces
}
