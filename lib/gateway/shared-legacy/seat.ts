import { McpoError, toMcpoError } from '../../errors.ts'
import { canAnswer, declarationOf } from '../../protocol/bridge/legacy-to-modern/declaration.ts'
import { resultMessage } from '../../protocol/jsonrpc.ts'
import { parseMessage } from '../../protocol/message.ts'
import type { Message } from '../../protocol/model.ts'
import type { ScanChunk } from '../../protocol/scan.ts'
import type { CallListener, Outgoing, UpstreamRequest } from '../../upstream/model.ts'
import type { ServerCopy } from '../../upstream/server-copy.ts'
import type { TimeLimit } from '../../upstream/time-limit.ts'
import { onEnding } from '../endings.ts'
import { smallParams } from '../params.ts'
import { openingFor } from './opening.ts'
import type { SharedCopy, Sitter } from './shared-copy.ts'

type Method = (request: Message) => Promise<Message>

/**
 * A shared copy of a legacy server as one of its sessions sees it. What concerns all sessions (initialize, log level,
 * subscriptions) is answered here where the server has answered it before; the rest passes, under ids of the copy.
 */
export class Seat implements ServerCopy, Sitter {
  readonly closed: Promise<McpoError>
  onServerMessage: ServerCopy['onServerMessage'] = () => {}
  waitsForClient: () => boolean = () => false
  private readonly copy: SharedCopy
  private readonly scan: ScanChunk
  private readonly methods: ReadonlyMap<string, Method>
  /** Requests in flight; those that are answered here have negative ids. */
  private readonly calls = new Map<number, CallListener>()
  private capabilities: Readonly<Record<string, unknown>> = {}
  private settle: (error: McpoError) => void = () => {}
  private failure: McpoError | null = null
  private lastLocalId = 0

  constructor(copy: SharedCopy, scan: ScanChunk) {
    this.copy = copy
    this.scan = scan
    this.methods = new Map<string, Method>([
      ['initialize', (request) => this.initialize(request)],
      ['logging/setLevel', (request) => this.setLogLevel(request)],
      ['resources/subscribe', (request) => this.subscribe(request)],
      ['resources/unsubscribe', (request) => this.unsubscribe(request)],
    ])
    this.closed = new Promise((resolve) => {
      this.settle = resolve
    })
    void this.closed.then(onEnding(copy.instance, (error) => this.break(error)))
    copy.enter(this)
  }

  get settings(): ServerCopy['settings'] {
    return this.copy.instance.settings
  }

  get alive(): boolean {
    return this.failure === null && this.copy.alive
  }

  get isWaiting(): boolean {
    return this.waitsForClient()
  }

  canAnswer(question: Message): boolean {
    return canAnswer(this.capabilities, question.text('method') ?? '', question.raw('params'))
  }

  receive(message: Message, call?: number): void {
    this.onServerMessage(message, call)
  }

  request({ write, limit, listener }: UpstreamRequest): number {
    if (this.failure !== null) throw this.failure
    const request = parseMessage(write(0).pieces, this.scan)
    const method = this.methods.get(request.text('method') ?? '')
    return method === undefined ? this.forward(request, limit, listener) : this.serve(method, request, listener)
  }

  /** What a session tells goes to the server, save that the copy was initialised before, and answers that nobody asked for. */
  send(message: Outgoing): void {
    const parsed = parseMessage(message.pieces, this.scan)
    if (parsed.kind === 'response') this.copy.asked.answer(this, parsed)
    else if (parsed.text('method') !== 'notifications/initialized') this.copy.instance.send(message)
  }

  cancel(id: number, reason: string): void {
    if (this.calls.delete(id)) this.copy.instance.cancel(id, reason)
  }

  cancelWith(id: number, notification: Outgoing): void {
    if (this.calls.delete(id)) this.copy.instance.cancelWith(id, notification)
  }

  touch(id: number): void {
    this.copy.instance.touch(id)
  }

  /** The copy is read for other sessions as well: it does not wait for a slow client of one of them. */
  pause(): void {}

  resume(): void {}

  /** Leaves the copy, which goes on for others. */
  async stop(reason = 'was stopped'): Promise<void> {
    for (const id of this.calls.keys()) this.copy.instance.cancel(id, reason)
    this.break(new McpoError('TRANSPORT_ERROR', `Server "${this.settings.name}" ${reason}`))
  }

  private forward(request: Message, limit: TimeLimit | null, listener: CallListener): number {
    const id = this.copy.forward(this, {
      request,
      limit,
      listener: {
        onAnswer: (answer) => this.calls.delete(id) && listener.onAnswer(answer),
        onFailure: (error) => this.calls.delete(id) && listener.onFailure(error),
        onProgress: (progress) => listener.onProgress?.(parseMessage(progress.pieces, this.scan)),
      },
    })
    this.calls.set(id, listener)
    return id
  }

  private serve(method: Method, request: Message, listener: CallListener): number {
    const id = --this.lastLocalId
    this.calls.set(id, listener)
    method(request).then(
      (answer) => this.calls.delete(id) && listener.onAnswer(answer),
      (thrown) => this.calls.delete(id) && listener.onFailure(toMcpoError(thrown)),
    )
    return id
  }

  private async initialize(request: Message): Promise<Message> {
    const { revision, capabilities } = declarationOf(smallParams(request))
    this.capabilities = capabilities
    return openingFor(this.copy.answer, revision, this.scan)
  }

  private async setLogLevel(request: Message): Promise<Message> {
    const { level } = smallParams(request)
    const tell = (wanted: string) => this.copy.ask(this, 'logging/setLevel', JSON.stringify({ level: wanted }))
    return (await this.copy.logLevel.set(this, typeof level === 'string' ? level : null, tell)) ?? this.done()
  }

  private async subscribe(request: Message): Promise<Message> {
    const uri = uriOf(request)
    return this.copy.subscriptions.subscribe(uri, this, () => this.tell('resources/subscribe', uri))
  }

  private async unsubscribe(request: Message): Promise<Message> {
    const uri = uriOf(request)
    const answer = this.copy.subscriptions.unsubscribe(uri, this, () => this.tell('resources/unsubscribe', uri))
    return answer ?? this.done()
  }

  private tell(method: string, uri: string): Promise<Message> {
    return this.copy.ask(this, method, JSON.stringify({ uri }))
  }

  private done(): Message {
    return parseMessage([resultMessage('0', {})], this.scan)
  }

  private break(error: McpoError): void {
    if (this.failure !== null) return
    this.failure = error
    const waiting = [...this.calls.values()]
    this.calls.clear()
    this.copy.leave(this)
    this.settle(error)
    for (const { onFailure } of waiting) onFailure(error)
  }
}

function uriOf(request: Message): string {
  const uri = request.text('params.uri')
  if (uri === null) throw new McpoError('INVALID_PARAMS', 'params.uri must be a string')
  return uri
}
