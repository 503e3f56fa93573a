import { McpoError } from '../errors.ts'
import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import { newestModern } from '../protocol/revisions/index.ts'
import type { Instance } from '../upstream/instance.ts'
import type { Outgoing } from '../upstream/model.ts'
import { edited, withId } from '../upstream/outgoing.ts'
import { requestLimit } from '../upstream/time-limit.ts'
import { errorFor, idOf } from './answers.ts'
import { LogAudience, type Logged } from './log-audience.ts'

const subscriptionField = 'params._meta.io.modelcontextprotocol/subscriptionId'

export interface HubCall extends Logged {
  readonly request: Message
  /** Whose end cancels the call, with a reason if there is one. */
  readonly reply: { onClose(listener: (reason?: string) => void): void }
  readonly edits: readonly Edit[]
  /** Something for this call's client before its answer: as it came, and as the client is to see it. */
  onEvent(event: Message, mapped: Outgoing): void
  onAnswer(answer: Message): void
  onFailure(error: McpoError): void
}

/**
 * One copy of a server that all modern clients share. Ids, progress tokens and subscription ids are this hub's own towards
 * the server and the client's own towards the client, so that no two clients' ever meet. A client that goes away cancels.
 */
export class Hub {
  readonly instance: Instance
  private readonly calls = new Map<number, HubCall>()
  private readonly logs = new LogAudience<HubCall>()

  constructor(instance: Instance) {
    this.instance = instance
    instance.onServerMessage = (message, call) => this.receive(message, call)
    instance.onLateAnswer = (id) => this.logs.end(id)
  }

  /** The hub of a shared copy; there is one per copy. */
  static of(instance: Instance): Hub {
    const known = hubs.get(instance)
    if (known !== undefined) return known
    const hub = new Hub(instance)
    hubs.set(instance, hub)
    return hub
  }

  call(call: HubCall): void {
    const { request, reply } = call
    const token = request.raw('params._meta.progressToken')
    const tokenSpan = request.span('params._meta.progressToken')
    const isListen = request.text('method') === 'subscriptions/listen'
    const id = this.instance.request({
      write: (id) =>
        withId(
          request,
          String(id),
          tokenSpan === null ? call.edits : [...call.edits, { span: tokenSpan, bytes: String(id) }],
        ),
      token: token === null ? null : String,
      limit: isListen ? null : requestLimit(this.instance.settings),
      listener: {
        onAnswer: (answer) => {
          this.logs.end(id)
          if (this.calls.delete(id)) call.onAnswer(answer)
        },
        onFailure: (error) => this.giveUp(id) && call.onFailure(error),
        onProgress: (progress) => call.onEvent(progress, replaced(progress, 'params.progressToken', token ?? 'null')),
      },
    })
    this.calls.set(id, call)
    if (!isListen) this.logs.begin(id, call)
    reply.onClose((reason = 'the client went away') => {
      if (this.giveUp(id)) this.instance.cancel(id, reason)
    })
  }

  /** Nobody waits for it any more, though the server may be at work on it; false when that was so before. */
  private giveUp(id: number): boolean {
    this.logs.cancel(id)
    return this.calls.delete(id)
  }

  private receive(message: Message, call: number | undefined): void {
    const subscription = message.raw(subscriptionField)
    if (message.kind === 'request') this.refuse(message)
    else if (subscription !== null) this.publish(message, subscription)
    else if (message.text('method') === 'notifications/message') this.passOnly(message, call)
  }

  /** A change that a client subscribed to, under the id that the client gave its subscription. */
  private publish(message: Message, subscription: string): void {
    const isText = subscription.startsWith('"')
    const call = this.calls.get(Number(isText ? subscription.slice(1, -1) : subscription))
    if (call === undefined) return
    const id = idOf(call.request)
    const bytes = isText && !id.startsWith('"') ? `"${id}"` : id
    call.onEvent(message, replaced(message, subscriptionField, bytes))
  }

  /** To nobody where it could reach the wrong client: a server need not send log messages, so that nobody can rely on them. */
  private passOnly(message: Message, call: number | undefined): void {
    const about = call === undefined ? this.logs.find() : this.calls.get(call)
    about?.onEvent(message, edited(message, []))
  }

  /** In this era servers ask by `input_required` results, never by requests, which would not say which client they are for. */
  private refuse(request: Message): void {
    const error = new McpoError('METHOD_NOT_FOUND', `Servers send no requests in the revision ${newestModern.version}`)
    this.instance.send(errorFor(request, error))
  }
}

const hubs = new WeakMap<Instance, Hub>()

function replaced(message: Message, field: 'params.progressToken' | typeof subscriptionField, bytes: string): Outgoing {
  const span = message.span(field)
  return edited(message, span === null ? [] : [{ span, bytes }])
}
