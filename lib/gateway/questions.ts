import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { Outgoing } from '../upstream/model.ts'
import { edited } from '../upstream/outgoing.ts'
import { scalarKey } from '../upstream/scalar.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'

const maxOpen = 256

interface Question {
  readonly copy: ServerCopy
  /** JSON texts as the server wrote them. */
  readonly id: string
  readonly token: string | null
}

/**
 * Requests of the servers of one session to its client. Each travels under an id of the session's own, so that two
 * servers' ids never meet, and only what was asked can be answered.
 */
export class Questions {
  private readonly open = new Map<number, Question>()
  private lastId = 0
  private readonly toServer: (copy: ServerCopy, message: Message) => Edit[]

  /** `toServer`: what has to change in what the client says to a server. */
  constructor(toServer: (copy: ServerCopy, message: Message) => Edit[] = () => []) {
    this.toServer = toServer
  }

  /** The request as the client will see it; null when too many are open. */
  ask(copy: ServerCopy, request: Message, more: readonly Edit[] = []): Outgoing | null {
    const idSpan = request.span('id')
    if (idSpan === null || this.open.size >= maxOpen) return null
    const id = ++this.lastId
    const tokenSpan = request.span('params._meta.progressToken')
    this.open.set(id, { copy, id: request.raw('id') ?? 'null', token: request.raw('params._meta.progressToken') })
    const edits: Edit[] = [{ span: idSpan, bytes: String(id) }, ...more]
    if (tokenSpan !== null) edits.push({ span: tokenSpan, bytes: String(id) })
    return edited(request, edits)
  }

  /** Brings a client's answer to the server that asked; false when nobody asked. */
  answer(answer: Message): boolean {
    const id = Number(answer.raw('id') ?? Number.NaN)
    const question = this.open.get(id)
    const span = answer.span('id')
    if (question === undefined || span === null) return false
    this.open.delete(id)
    question.copy.send(edited(answer, [{ span, bytes: question.id }, ...this.toServer(question.copy, answer)]))
    return true
  }

  /** Brings a client's progress on a question to the server that asked. */
  progress(notification: Message): boolean {
    const question = this.open.get(Number(notification.raw('params.progressToken') ?? Number.NaN))
    const span = notification.span('params.progressToken')
    if (question === undefined || question.token === null || span === null) return false
    const edits = [{ span, bytes: question.token }, ...this.toServer(question.copy, notification)]
    question.copy.send(edited(notification, edits))
    return true
  }

  /** A server takes its question back: the notification as the client will see it, null when it has not asked. */
  withdraw(copy: ServerCopy, cancelled: Message): Outgoing | null {
    const span = cancelled.span('params.requestId')
    const raw = cancelled.raw('params.requestId')
    if (span === null || raw === null) return null
    for (const [id, question] of this.open) {
      if (question.copy !== copy || scalarKey(question.id) !== scalarKey(raw)) continue
      this.open.delete(id)
      return edited(cancelled, [{ span, bytes: String(id) }])
    }
    return null
  }

  isOpenFor(copy: ServerCopy): boolean {
    for (const question of this.open.values()) if (question.copy === copy) return true
    return false
  }

  /** The server is gone: its questions have nobody left to be answered to. */
  forget(copy: ServerCopy): void {
    for (const [id, question] of this.open) if (question.copy === copy) this.open.delete(id)
  }
}
