import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { edited } from '../upstream/outgoing.ts'
import { scalarKey } from '../upstream/scalar.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import { errorFor, idOf } from './answers.ts'
import type { Reply } from './model.ts'

const maxCalls = 1024

/** A client's request, from its arrival to its answer. */
export interface ClientCall {
  readonly request: Message
  readonly reply: Reply
  /** Where it went, and the id it has there; null before it was sent. */
  sent: { readonly copy: ServerCopy; readonly id: number } | null
  /** Called when it is over, however it ends. */
  onOver: () => void
}

/** The requests of one client that are in flight, by the client's own ids. An id that is in flight cannot be used again. */
export class ClientCalls {
  private readonly calls = new Map<string, ClientCall>()

  get size(): number {
    return this.calls.size
  }

  /** Throws INVALID_REQUEST for an id in flight, TOO_MANY beyond 1024 calls. */
  begin(request: Message, reply: Reply): ClientCall {
    const key = scalarKey(idOf(request))
    if (this.calls.has(key)) throw duplicate(key)
    if (this.calls.size >= maxCalls)
      throw new McpoError('TOO_MANY', `${maxCalls} requests of this session are in flight`)
    const call: ClientCall = { request, reply, sent: null, onOver: () => {} }
    this.calls.set(key, call)
    return call
  }

  isOpen(call: ClientCall): boolean {
    return this.calls.get(scalarKey(idOf(call.request))) === call
  }

  /** True the first time: the call is over and its answer may be written. */
  finish(call: ClientCall): boolean {
    if (!this.isOpen(call)) return false
    this.calls.delete(scalarKey(idOf(call.request)))
    call.onOver()
    return true
  }

  /** The client's `notifications/cancelled`: its server is told, and the response ends without an answer. */
  cancel(notification: Message): void {
    const span = notification.span('params.requestId')
    const call = this.calls.get(scalarKey(notification.raw('params.requestId') ?? 'null'))
    if (call === undefined || span === null || !this.finish(call)) return
    if (call.sent !== null) {
      const passedOn = edited(notification, [{ span, bytes: String(call.sent.id) }])
      call.sent.copy.cancelWith(call.sent.id, passedOn)
    }
    call.reply.end()
  }

  failAll(error: McpoError): void {
    for (const call of [...this.calls.values()]) if (this.finish(call)) call.reply.answer(errorFor(call.request, error))
  }
}

function duplicate(key: string): McpoError {
  return new McpoError('INVALID_REQUEST', `A request with the id ${key.slice(0, 100)} is in flight already`, {
    hint: 'Use each id once per session.',
  })
}
