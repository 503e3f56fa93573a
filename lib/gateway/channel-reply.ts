import type { Era } from '../protocol/revisions/index.ts'
import type { Outgoing } from '../upstream/model.ts'
import type { AnswerOptions, Downstream, Reply } from './model.ts'

/** The place for the answer to one message, on a way that outlives it. */
export class ChannelReply implements Reply {
  readonly era: Era
  private readonly way: Downstream
  private readonly onOver: (options: AnswerOptions) => void
  private readonly closeListeners: (() => void)[] = []
  private isOver = false

  constructor(way: Downstream, era: Era, onOver: (options: AnswerOptions) => void) {
    this.way = way
    this.era = era
    this.onOver = onOver
  }

  get open(): boolean {
    return !this.isOver && this.way.open
  }

  send(message: Outgoing): void {
    if (this.open) this.way.send(message)
  }

  answer(message: Outgoing, options: AnswerOptions = {}): void {
    this.send(message)
    this.finish(options)
  }

  accept(): void {
    this.finish({})
  }

  end(): void {
    this.finish({})
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    this.finish({})
    for (const listener of this.closeListeners.splice(0)) listener()
  }

  onClose(listener: () => void): void {
    if (this.open) this.closeListeners.push(listener)
    else listener()
  }

  /** The session watches the way itself, once. */
  onCongestion(): void {}

  /** A session that is opened for a client who is gone must still be heard of: somebody has to close it. */
  private finish(options: AnswerOptions): void {
    if (this.isOver && options.sessionId === undefined) return
    this.isOver = true
    this.onOver(options)
  }
}
