import type { Readable } from 'node:stream'
import { McpoError } from '../../errors.ts'
import { PieceList } from '../../protocol/piece-list.ts'
import type { SseReader } from '../../protocol/sse-reader.ts'
import { Valve } from '../valve.ts'

/** How long a body that is no stream of events may pause. */
const idleMs = 30_000

/** The bodies that are being read: all wait together while whoever reads what comes of them is too slow. */
export class Flow {
  private readonly valves = new Set<Valve>()
  private paused = false

  pause(): void {
    this.paused = true
    for (const valve of this.valves) valve.pause()
  }

  resume(): void {
    this.paused = false
    for (const valve of this.valves) valve.resume()
  }

  /** Gives each chunk to `take` until the body ends, fails, or `take` wants no more. True: it came to its end. */
  read(body: Readable, take: (chunk: Buffer) => boolean): Promise<boolean> {
    if (body.closed) return Promise.resolve(body.readableEnded)
    const valve = new Valve(body)
    this.valves.add(valve)
    return new Promise<boolean>((resolve) => {
      body.on('data', (chunk: Buffer) => {
        valve.turn(() => {
          if (!take(chunk)) body.destroy()
        })
      })
      body.once('close', () => resolve(body.readableEnded))
      if (this.paused) valve.pause()
    }).finally(() => this.valves.delete(valve))
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
  const pieces = new PieceList()
  let bytes = 0
  const timer = setTimeout(() => body.destroy(), idleMs).unref()
  const isWhole = await new Flow().read(body, (chunk) => {
    timer.refresh()
    pieces.add(chunk)
    bytes += chunk.length
    return bytes <= maxBytes
  })
  clearTimeout(timer)
  if (bytes > maxBytes)
    throw new McpoError('TRANSPORT_ERROR', `The answer of the server is longer than ${maxBytes} bytes`)
  if (!isWhole) throw new McpoError('TRANSPORT_ERROR', 'The answer of the server broke off')
  return pieces.take()
}
