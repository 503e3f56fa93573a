import { randomBytes } from 'node:crypto'
import { McpoError } from '../errors.ts'
import { byteLengthOf } from '../protocol/pieces.ts'
import type { Outgoing } from '../upstream/model.ts'
import { type Keeper, ReplayBudget } from './replay-budget.ts'

/** What one session keeps for clients that come back. Beyond it the oldest events go. */
export const maxKeptEvents = 256
export const maxKeptBytes = 2 * 1024 * 1024

/** A stream whose events are kept. */
export interface Kept {
  /** Is there, or can there still be, an event after this one, and is none missing between? */
  follows(position: number): boolean
  /** Makes room: its oldest kept event goes. Returns the event's length. */
  dropOldest(): number
  end(): void
}

/** Where a client says it stopped reading: a stream of its session, and the last event that it has of it. */
export interface Resumption<Track> {
  readonly track: Track
  readonly position: number
}

/**
 * The events of one session's streams, for clients that lost a connection (streamable HTTP, 2025-03-26 and later). An id
 * says session, stream and position, so an event can only be asked for in its own session and is only replayed with its own stream.
 */
export class Replay<Track extends Kept> implements Keeper {
  private readonly budget: ReplayBudget
  private readonly tag = randomBytes(6).toString('base64url')
  private readonly tracks = new Map<number, Track>()
  /** Of each kept event, its stream; oldest first. */
  private readonly order: Track[] = []
  private bytes = 0
  private lastNumber = 0
  private listening: Track | null = null
  private closed = false

  /** `budget`: what all sessions share. */
  constructor(budget = new ReplayBudget()) {
    this.budget = budget
  }

  /** A number for a stream that is about to have its first event. */
  enter(track: Track): number {
    this.lastNumber += 1
    this.tracks.set(this.lastNumber, track)
    return this.lastNumber
  }

  /** A session has one GET stream: what is left of an earlier one can be replayed, and nothing more comes over it. */
  listen(track: Track): void {
    this.listening?.end()
    this.listening = track
  }

  idOf(track: number, position: number): string {
    return `${this.tag}.${track}.${position}`
  }

  fits(message: Outgoing): boolean {
    return byteLengthOf(message.pieces) <= maxKeptBytes
  }

  /** The message as it is kept, for which older events may go; null when there is no room for it. */
  keep(track: Track, message: Outgoing): Outgoing | null {
    if (this.closed || !this.fits(message)) return null
    const length = byteLengthOf(message.pieces)
    while (this.order.length >= maxKeptEvents || this.bytes + length > maxKeptBytes) this.dropOldest()
    if (!this.budget.take(this, length)) return null
    this.order.push(track)
    this.bytes += length
    // A copy: a view would keep the whole read buffer alive.
    return { pieces: [Buffer.concat(message.pieces)], hasLineBreaks: message.hasLineBreaks }
  }

  /** The stream has ended and nothing of it is kept: there is nothing to come back to. */
  leave(track: number): void {
    this.tracks.delete(track)
  }

  /** Throws INVALID_REQUEST for an id that is none of this session's, or whose following events are gone. */
  find(lastEventId: string): Resumption<Track> {
    const [, tag, number, position] = /^([\w-]+)\.(\d{1,15})\.(\d{1,15})$/.exec(lastEventId) ?? []
    const track = tag === this.tag ? this.tracks.get(Number(number)) : undefined
    if (track?.follows(Number(position)) === true) return { track, position: Number(position) }
    throw new McpoError('INVALID_REQUEST', 'Last-Event-ID names no event of this session that can be continued from', {
      hint: `Up to ${maxKeptEvents} events are kept, and fewer while many sessions are busy. Open a stream without Last-Event-ID.`,
    })
  }

  dropOldest(): boolean {
    const track = this.order.shift()
    if (track === undefined) return false
    const length = track.dropOldest()
    this.bytes -= length
    if (!this.closed) this.budget.give(this, length)
    return true
  }

  /** The session is over: nobody can come back to it. */
  close(): void {
    this.closed = true
    this.budget.leave(this)
  }
}
