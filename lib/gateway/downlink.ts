import type { Outgoing } from '../upstream/model.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import type { Downstream } from './model.ts'

const maxQueued = 256
const maxQueuedBytes = 1024 * 1024

/** Where a message comes from. */
export interface Origin {
  readonly server: string
  readonly copy: ServerCopy
  /** The call that it belongs to; undefined: not known. */
  readonly call: number | undefined
}

/** A call in flight, whose response can carry what its server has to say meanwhile. */
export interface Carrier {
  readonly server: string
  readonly copy: ServerCopy
  readonly call: number
  readonly stream: Downstream
  /** The call is alive: something went over its stream. */
  touch(): void
}

/**
 * The ways from the servers of one session to its client. What belongs to a call goes over its stream or, where nobody knows
 * which call it is, over that of the newest call in flight to that server; the rest over the GET stream. With neither open
 * it waits, bounded, for a GET stream.
 */
export class Downlink {
  private readonly carriers = new Set<Carrier>()
  private stream: Downstream | null = null
  private queue: Outgoing[] = []
  private queuedBytes = 0

  get hasStream(): boolean {
    return this.stream !== null
  }

  get busy(): boolean {
    return this.carriers.size > 0
  }

  /** The client opened a GET stream. A new one takes the place of an old one, which may be a dead connection. */
  attach(stream: Downstream): void {
    const old = this.stream
    this.stream = stream
    if (old !== stream) old?.end()
    stream.onClose(() => {
      if (this.stream === stream) this.stream = null
    })
    for (const message of this.queue.splice(0)) stream.send(message)
    this.queuedBytes = 0
  }

  carry(carrier: Carrier): void {
    this.carriers.add(carrier)
  }

  drop(carrier: Carrier): void {
    this.carriers.delete(carrier)
  }

  /** `isRelated`: it has to do with a call in flight. False when there is no way and no room left to wait. */
  send(origin: Origin, message: Outgoing, isRelated: boolean): boolean {
    const carrier = this.of(origin) ?? this.newest(origin.server) ?? null
    const way = isRelated ? (carrier?.stream ?? this.stream) : (this.stream ?? carrier?.stream ?? null)
    if (way === null) return this.enqueue(message)
    if (way === carrier?.stream) carrier.touch()
    way.send(message)
    return true
  }

  close(): void {
    this.queue = []
    this.stream?.end()
    for (const carrier of this.carriers) carrier.stream.end()
    this.carriers.clear()
  }

  private of({ copy, call }: Origin): Carrier | undefined {
    if (call === undefined) return undefined
    for (const carrier of this.carriers) {
      if (carrier.copy === copy && carrier.call === call && carrier.stream.open) return carrier
    }
    return undefined
  }

  private newest(server: string): Carrier | undefined {
    let newest: Carrier | undefined
    for (const carrier of this.carriers) if (carrier.stream.open && carrier.server === server) newest = carrier
    return newest
  }

  private enqueue(message: Outgoing): boolean {
    // A copy: a view would keep the whole read buffer alive for as long as the message waits.
    const bytes = Buffer.concat(message.pieces)
    if (this.queue.length >= maxQueued || this.queuedBytes + bytes.length > maxQueuedBytes) return false
    this.queue.push({ pieces: [bytes], hasLineBreaks: message.hasLineBreaks })
    this.queuedBytes += bytes.length
    return true
  }
}
