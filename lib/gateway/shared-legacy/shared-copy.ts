import { McpoError } from '../../errors.ts'
import type { Message } from '../../protocol/model.ts'
import type { Instance } from '../../upstream/instance.ts'
import type { CallListener, Outgoing, UpstreamRequest } from '../../upstream/model.ts'
import { edited, requestOf, withId } from '../../upstream/outgoing.ts'
import type { UpstreamServer } from '../../upstream/server.ts'
import { requestLimit, type TimeLimit } from '../../upstream/time-limit.ts'
import { errorFor, resultFor } from '../answers.ts'
import { smallParams } from '../params.ts'
import { Asked, type Respondent } from './asked.ts'
import { Causes } from './causes.ts'
import { LogLevel } from './log-level.ts'
import { initialise } from './opening.ts'
import { Subscriptions } from './subscriptions.ts'

/** A session at a shared copy. */
export interface Sitter extends Respondent {
  /** Its client was asked something and has not answered yet. */
  readonly isWaiting: boolean
}

export interface Forwarded {
  readonly request: Message
  readonly limit: TimeLimit | null
  readonly listener: Omit<CallListener, 'onProgress'> & { onProgress(progress: Outgoing): void }
}

/** Requests without an answer beyond which a copy is ended: most of them were cancelled, which it need not answer. */
const maxOwed = 16 * 1024
const listChanges = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
])

/**
 * One copy of a legacy server that several sessions use. Ids and progress tokens are its own; what the server says by itself
 * goes to the session that alone can have caused it. Where that is not certain a question is refused, and the rest is dropped.
 */
export class SharedCopy {
  readonly instance: Instance
  /** The server's answer to `initialize`; after an error the copy is not `alive`. */
  readonly answer: Message
  readonly asked: Asked<Sitter>
  readonly subscriptions = new Subscriptions<Sitter>()
  readonly logLevel = new LogLevel<Sitter>()
  private readonly server: UpstreamServer
  private readonly sitters = new Set<Sitter>()
  private readonly causes = new Causes<Sitter>()

  private constructor(server: UpstreamServer, instance: Instance, answer: Message) {
    this.server = server
    this.instance = instance
    this.answer = answer
    this.asked = new Asked((message) => instance.send(message))
    instance.onServerMessage = (message, call) => this.receive(message, call)
    instance.onLateAnswer = (id) => this.causes.end(id)
    instance.waitsForClient = () => [...this.sitters].some((sitter) => sitter.isWaiting)
  }

  static async open(server: UpstreamServer): Promise<SharedCopy> {
    const instance = await server.pool.start()
    return new SharedCopy(server, instance, await initialise(instance))
  }

  get alive(): boolean {
    return this.instance.alive
  }

  get closed(): Instance['closed'] {
    return this.instance.closed
  }

  stop(reason?: string): Promise<void> {
    return this.instance.stop(reason)
  }

  enter(sitter: Sitter): void {
    this.sitters.add(sitter)
    this.server.pool.idle.take(this.instance)
  }

  /** What the server still asks this session is refused, and what nobody else subscribed to is taken back. */
  leave(sitter: Sitter): void {
    if (!this.sitters.delete(sitter)) return
    this.asked.leave(sitter)
    this.logLevel.leave(sitter)
    this.subscriptions.leave(sitter, (uri) => {
      this.ask(sitter, 'resources/unsubscribe', JSON.stringify({ uri })).catch(() => {})
    })
    if (this.sitters.size > 0 || !this.alive) return
    if (this.causes.size > 0) void this.instance.stop('was busy with a call that nobody waits for')
    else this.server.pool.idle.add(this.instance)
  }

  /** Sends a session's request, and returns the id that it has here. */
  forward(sitter: Sitter, { request, limit, listener }: Forwarded): number {
    const token = request.raw('params._meta.progressToken')
    const span = request.span('params._meta.progressToken')
    return this.send(sitter, {
      write: (id) => withId(request, String(id), span === null ? [] : [{ span, bytes: String(id) }]),
      token: token === null ? null : String,
      limit,
      listener: { ...listener, onProgress: (progress) => listener.onProgress(withToken(progress, token ?? 'null')) },
    })
  }

  /** Asks the server on behalf of a session, which may be gone before the answer comes. `params` is JSON text. */
  ask(sitter: Sitter, method: string, params: string): Promise<Message> {
    const limit = requestLimit(this.server.settings)
    return new Promise((onAnswer, onFailure: (error: McpoError) => void) => {
      const write = (id: number) => requestOf(id, method, params)
      this.send(sitter, { write, token: null, limit, listener: { onAnswer, onFailure } })
    })
  }

  private send(sitter: Sitter, request: UpstreamRequest): number {
    if (this.causes.size >= maxOwed) void this.instance.stop(`owes ${this.causes.size} answers`)
    const { listener } = request
    const onAnswer = (answer: Message) => {
      this.causes.end(id)
      listener.onAnswer(answer)
    }
    const id = this.instance.request({ ...request, listener: { ...listener, onAnswer } })
    this.causes.begin(id, sitter)
    return id
  }

  private receive(message: Message, call: number | undefined): void {
    const method = message.text('method') ?? ''
    if (message.kind === 'request') this.receiveQuestion(message, method, call)
    else if (listChanges.has(method)) for (const sitter of this.sitters) sitter.receive(message)
    else if (method === 'notifications/resources/updated') this.publish(message)
    else if (method === 'notifications/cancelled') this.asked.withdraw(message)
    else this.tell(message, method, call)
  }

  private receiveQuestion(question: Message, method: string, call: number | undefined): void {
    const sitter = this.causeOf(call)
    if (method === 'ping') this.instance.send(resultFor(question, {}))
    else if (sitter !== null) this.asked.ask(sitter, question, call)
    else this.instance.send(errorFor(question, nobody(this.server.name)))
  }

  private publish(message: Message): void {
    const uri = message.text('params.uri')
    if (uri !== null) for (const sitter of this.subscriptions.of(uri)) sitter.receive(message)
  }

  private tell(message: Message, method: string, call: number | undefined): void {
    const sitter = this.causeOf(call)
    if (sitter === null) this.server.note(`${JSON.stringify(method.slice(0, 60))} was dropped: ${unclear}`)
    else if (this.wants(sitter, message, method)) sitter.receive(message, call)
  }

  private wants(sitter: Sitter, message: Message, method: string): boolean {
    return method !== 'notifications/message' || this.logLevel.admits(sitter, levelOf(message))
  }

  private causeOf(call: number | undefined): Sitter | null {
    const sitter = call === undefined ? this.causes.only(this.sitters) : this.causes.of(call)
    return sitter !== null && this.sitters.has(sitter) ? sitter : null
  }
}

const unclear = 'sessions share this copy, and nobody can tell which of them it is about'

function nobody(server: string): McpoError {
  return new McpoError('METHOD_NOT_FOUND', `Nobody can be asked: ${unclear}`, {
    hint: `Set instance = "session" for "${server}".`,
  })
}

function levelOf(message: Message): string | null {
  try {
    const { level } = smallParams(message)
    return typeof level === 'string' ? level : null
  } catch {
    return null
  }
}

function withToken(progress: Message, token: string): Outgoing {
  const span = progress.span('params.progressToken')
  return edited(progress, span === null ? [] : [{ span, bytes: token }])
}
