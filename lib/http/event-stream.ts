import type { ServerResponse } from 'node:http'
import type { Downstream } from '../gateway/model.ts'
import { toSseEvent } from '../protocol/message.ts'
import type { Outgoing } from '../upstream/model.ts'
import type { KeepAlive } from './keep-alive.ts'

/** More than this waiting for a reader is congestion. */
const congestedBytes = 1024 * 1024
/** With more than this waiting, a reader to whom still more is to be sent is cut off. */
const maxWaitingBytes = 16 * 1024 * 1024
/** A congested reader that takes nothing for this long is cut off. */
const stalledMs = 60_000
/** How long a client may wait before it comes back. */
const retryMs = 1000
const keepAlive = Buffer.from(': keep-alive\n\n')

/** An HTTP response as a stream of server-sent events. The headers leave with the first event, or with `begin`. */
export class EventStream implements Downstream {
  protected readonly response: ServerResponse
  protected readonly headers: Record<string, string> = {}
  private readonly keepAlive: KeepAlive
  private readonly closeListeners: (() => void)[] = []
  private readonly congestionListeners: ((congested: boolean) => void)[] = []
  private congested = false

  constructor(response: ServerResponse, keepAlives: KeepAlive) {
    this.response = response
    this.keepAlive = keepAlives
    response.once('close', () => this.closed())
    response.on('drain', () => this.measure())
    response.on('error', () => {})
  }

  get open(): boolean {
    return !this.response.writableEnded && !this.response.destroyed
  }

  get started(): boolean {
    return this.response.headersSent
  }

  begin(): void {
    if (!this.open || this.started) return
    this.response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...this.headers,
    })
    this.response.flushHeaders()
    this.keepAlive.add(this)
  }

  send(message: Outgoing, eventId?: string): void {
    if (!this.open) return
    // Servers of sessions are not read while their client is congested; what is shared by many cannot wait for one.
    if (this.response.writableLength > maxWaitingBytes) {
      this.response.destroy()
      return
    }
    this.begin()
    this.write(toSseEvent(message.pieces, eventId, message.hasLineBreaks))
  }

  end(): void {
    if (!this.open) return
    this.begin()
    this.response.end()
    this.keepAlive.remove(this)
    this.measure()
  }

  /** A comment, so that nobody on the way takes a quiet stream for a dead one. */
  ping(): void {
    if (this.open && this.started && !this.congested) this.response.write(keepAlive)
  }

  onClose(listener: () => void): void {
    if (this.response.closed) listener()
    else this.closeListeners.push(listener)
  }

  onCongestion(listener: (congested: boolean) => void): void {
    this.congestionListeners.push(listener)
    if (this.congested) listener(true)
  }

  /** All pieces leave in one write. */
  protected write(pieces: readonly Buffer[]): void {
    this.response.cork()
    for (const piece of pieces) this.response.write(piece)
    this.response.uncork()
    this.measure()
  }

  protected measure(): void {
    const congested = this.response.writableLength > congestedBytes && !this.response.destroyed
    if (congested === this.congested) return
    this.congested = congested
    // A write that makes progress is activity for the socket's timer, so that only a reader who stands still is cut off
    // (node:http destroys a socket that times out).
    this.response.socket?.setTimeout(congested ? stalledMs : 0)
    for (const listener of this.congestionListeners) listener(congested)
  }

  private closed(): void {
    this.keepAlive.remove(this)
    this.measure()
    for (const listener of this.closeListeners.splice(0)) listener()
  }
}

/** A stream that its client can come back to. */
export class ResumableStream extends EventStream {
  prime(eventId: string): void {
    if (!this.open) return
    this.begin()
    this.write([Buffer.from(`id: ${eventId}\nretry: ${retryMs}\ndata: \n\n`)])
  }
}
