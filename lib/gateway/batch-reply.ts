import type { Outgoing } from '../upstream/model.ts'
import type { Reply } from './model.ts'

/**
 * The response of one POST of several messages (2025-03-26): one array with all the answers, or a stream of events as soon as
 * something else comes before the last answer; then each answer is an event of its own.
 */
export class BatchReply {
  private readonly reply: Reply
  private answers: Outgoing[] = []
  private left: number
  private isStream = false

  /** `count`: how many parts will be asked for. */
  constructor(reply: Reply, count: number) {
    this.reply = reply
    this.left = count
  }

  /** The place for the answer of one of the messages. */
  part(): Reply {
    const { reply } = this
    let isOver = false
    const finish = (answer: Outgoing | null) => {
      if (!isOver) this.finish(answer)
      isOver = true
    }
    return {
      get open() {
        return !isOver && reply.open
      },
      send: (message) => this.send(message),
      answer: finish,
      accept: () => finish(null),
      end: () => finish(null),
      onClose: (listener) => reply.onClose(listener),
      onCongestion: (listener) => reply.onCongestion(listener),
    }
  }

  private send(message: Outgoing): void {
    this.isStream = true
    for (const answer of this.answers.splice(0)) this.reply.send(answer)
    this.reply.send(message)
  }

  private finish(answer: Outgoing | null): void {
    this.left -= 1
    if (answer !== null && this.isStream) this.reply.send(answer)
    else if (answer !== null) this.answers.push(answer)
    if (this.left > 0) return
    if (this.isStream) this.reply.end()
    else if (this.answers.length === 0) this.reply.accept()
    else this.reply.answer(arrayOf(this.answers))
  }
}

function arrayOf(messages: readonly Outgoing[]): Outgoing {
  const pieces = messages.flatMap((message, index) => [index === 0 ? open : comma, ...message.pieces])
  return { pieces: [...pieces, close], hasLineBreaks: messages.some(({ hasLineBreaks }) => hasLineBreaks) }
}

const open = Buffer.from('[')
const comma = Buffer.from(',')
const close = Buffer.from(']')
