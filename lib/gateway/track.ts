import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { byteLengthOf } from '../protocol/pieces.ts'
import type { Outgoing } from '../upstream/model.ts'
import { errorFor } from './answers.ts'
import type { AnswerOptions, Downstream, Reply } from './model.ts'
import type { Kept, Replay } from './replay.ts'

/** A call that is not answered by then becomes a stream, so that its client has an id to come back with. */
const primeAfterMs = 50

interface Event {
  readonly position: number
  readonly message: Outgoing
}

/**
 * One stream of events, whichever connection carries it: when the connection is lost, the client can go on with another. This
 * one is a session's GET stream: while nobody listens it is closed, and what comes waits elsewhere.
 */
export class Track implements Downstream, Kept {
  protected way: Downstream
  protected isOver = false
  protected readonly replay: Replay<Track>
  private kept: Event[] = []
  private number: number | null = null
  private position = 0
  /** Events up to here are gone. */
  private droppedTo = 0
  private readonly closeListeners: (() => void)[] = []
  private readonly congestionListeners: ((congested: boolean) => void)[] = []

  constructor(replay: Replay<Track>, way: Downstream) {
    this.replay = replay
    this.way = way
    this.follow(way)
  }

  get open(): boolean {
    return !this.isOver && this.way.open
  }

  /** Whether it has had an event, whose id the client may know. */
  get hasId(): boolean {
    return this.number !== null
  }

  /** Sends an id without a message: the client has something to come back with before anything happened. */
  prime(): void {
    if (this.isOver || this.hasId || !this.way.open) return
    this.way.prime?.(this.replay.idOf(this.numbered(), this.position))
  }

  send(message: Outgoing): void {
    this.pass(message, message)
  }

  end(): void {
    this.isOver = true
    this.forgetIfDone()
    this.way.end()
  }

  onClose(listener: () => void): void {
    if (this.open) this.closeListeners.push(listener)
    else listener()
  }

  onCongestion(listener: (congested: boolean) => void): void {
    this.congestionListeners.push(listener)
  }

  follows(position: number): boolean {
    return position <= this.position && position >= this.droppedTo && !(this.isOver && position === this.position)
  }

  /** Goes on over another connection, from the event after this one. The old connection is ended. */
  resume(way: Downstream, position: number): void {
    const old = this.way
    this.close()
    this.way = way
    this.follow(way)
    old.end()
    for (const event of this.kept) if (event.position > position) this.write(event.message, event.position)
    if (this.isOver) way.end()
  }

  dropOldest(): number {
    const oldest = this.kept.shift()
    if (oldest === undefined) return 0
    this.droppedTo = oldest.position
    this.forgetIfDone()
    return byteLengthOf(oldest.message.pieces)
  }

  /** Sends `message`, and keeps `lasting` or, if that is too large, nothing. */
  protected pass(message: Outgoing, lasting: Outgoing): void {
    if (this.isOver) return
    this.numbered()
    this.position += 1
    const kept = this.replay.keep(this, lasting)
    if (kept === null) this.droppedTo = this.position
    else this.kept.push({ position: this.position, message: kept })
    this.write(message, this.position)
  }

  private write(message: Outgoing, position: number): void {
    if (this.way.open) this.way.send(message, this.replay.idOf(this.numbered(), position))
  }

  private numbered(): number {
    this.number ??= this.replay.enter(this)
    return this.number
  }

  private follow(way: Downstream): void {
    way.onClose(() => {
      if (this.way === way) this.close()
    })
    way.onCongestion((congested) => {
      for (const listener of this.congestionListeners) listener(congested)
    })
  }

  private close(): void {
    for (const listener of this.closeListeners.splice(0)) listener()
  }

  private forgetIfDone(): void {
    if (this.isOver && this.number !== null && this.kept.length === 0) this.replay.leave(this.number)
  }
}

/**
 * The stream of one call. It outlives its connection as soon as the client knows an id of it; the answer is its last event.
 * When the answer is the first thing to send, it is sent as JSON and there is no stream.
 */
export class CallTrack extends Track implements Reply {
  private readonly request: Message
  private readonly reply: Reply
  private timer: NodeJS.Timeout | null = null

  constructor(replay: Replay<Track>, request: Message, reply: Reply) {
    super(replay, reply)
    this.request = request
    this.reply = reply
  }

  override get open(): boolean {
    return !this.isOver && (this.hasId || this.way.open)
  }

  /** From now on the client waits. */
  primeSoon(): void {
    this.timer = setTimeout(() => this.prime(), primeAfterMs).unref()
  }

  override send(message: Outgoing): void {
    this.settle()
    super.send(message)
  }

  answer(message: Outgoing, options: AnswerOptions = {}): void {
    this.settle()
    if (this.hasId) {
      this.pass(message, this.lasting(message))
      this.end()
    } else {
      this.isOver = true
      this.reply.answer(message, options)
    }
  }

  accept(): void {
    this.settle()
    this.isOver = true
    this.reply.accept()
  }

  override end(): void {
    this.settle()
    super.end()
  }

  /** An answer that cannot be kept is kept as an error: somebody who comes back must not wait for ever. */
  private lasting(answer: Outgoing): Outgoing {
    if (this.replay.fits(answer)) return answer
    const error = new McpoError(
      'TOO_LARGE',
      'The answer came while the connection was lost, and is too large to be kept',
    )
    return errorFor(this.request, error)
  }

  private settle(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }
}
