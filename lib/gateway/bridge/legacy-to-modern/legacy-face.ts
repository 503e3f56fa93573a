import { McpoError, toMcpoError } from '../../../errors.ts'
import type { InputRequest } from '../../../protocol/bridge/legacy-to-modern/input-required.ts'
import {
  type ListenFilter,
  listFilter,
  withoutSubscription,
} from '../../../protocol/bridge/legacy-to-modern/subscription.ts'
import { errorMessage, resultMessage, rpcErrorOf } from '../../../protocol/jsonrpc.ts'
import { parseMessage } from '../../../protocol/message.ts'
import type { Message } from '../../../protocol/model.ts'
import type { ScanChunk } from '../../../protocol/scan.ts'
import type { Instance } from '../../../upstream/instance.ts'
import type { CallListener, Outgoing, UpstreamRequest } from '../../../upstream/model.ts'
import { edited } from '../../../upstream/outgoing.ts'
import type { ServerFacts } from '../../../upstream/probe.ts'
import type { ServerCopy } from '../../../upstream/server-copy.ts'
import { onEnding } from '../../endings.ts'
import { Hub } from '../../hub.ts'
import { smallParams } from '../../params.ts'
import { Inquiries } from './inquiries.ts'
import { Listen } from './listen.ts'
import { LocalMethods } from './local-methods.ts'
import { Rounds } from './rounds.ts'

export interface FaceOptions {
  /** A copy of a modern server, which other sessions may use as well. */
  readonly instance: Instance
  readonly facts: ServerFacts
  readonly scan: ScanChunk
  /** Called when nothing here uses the copy any more. */
  release(): Promise<void>
}

/** Requests of one session in flight towards one server. */
const maxCalls = 1024
/** The longest notification whose reason is passed on. */
const maxReasonBytes = 4096

/**
 * A modern server as a session of the legacy era sees it: it has an `initialize`, asks by requests of its own, and tells
 * changes without having been listened to.
 */
export class LegacyFace implements ServerCopy {
  readonly closed: Promise<McpoError>
  onServerMessage: ServerCopy['onServerMessage'] = () => {}
  waitsForClient: () => boolean = () => false
  private readonly options: FaceOptions
  private readonly hub: Hub
  private readonly local: LocalMethods
  private readonly listen: Listen
  private readonly inquiries = new Inquiries((bytes, call) => this.onServerMessage(this.parsed([bytes]), call))
  /** Null: answered here. */
  private readonly calls = new Map<number, { readonly rounds: Rounds | null; readonly listener: CallListener }>()
  private readonly settle: (error: McpoError) => void
  private failure: McpoError | null = null
  private lastId = 0

  constructor(options: FaceOptions) {
    const { instance, facts } = options
    this.options = options
    this.hub = Hub.of(instance)
    this.local = new LocalMethods(instance.settings.name, facts, () => this.listen)
    this.listen = new Listen({
      hub: this.hub,
      lists: listFilter(facts.capabilities),
      timeoutMs: instance.settings.requestTimeoutMs,
      request: (filter) => this.listenRequest(filter),
      onEvent: (event) => this.onServerMessage(this.parsed(edited(event, withoutSubscription(event)).pieces)),
    })
    const { promise, settle } = settled<McpoError>()
    this.closed = promise
    this.settle = settle
    void promise.then(onEnding(instance, (error) => this.break(error)))
  }

  get settings(): ServerCopy['settings'] {
    return this.options.instance.settings
  }

  get alive(): boolean {
    return this.failure === null && this.options.instance.alive
  }

  request({ write, listener }: UpstreamRequest): number {
    if (this.failure !== null) throw this.failure
    if (this.calls.size >= maxCalls) throw new McpoError('TOO_MANY', `${maxCalls} calls of this session are in flight`)
    const id = ++this.lastId
    const request = this.parsed(write(id).pieces)
    const isLocal = this.local.find(request.text('method')) !== undefined
    const rounds = isLocal ? null : this.rounds(id, request, listener)
    this.calls.set(id, { rounds, listener })
    // Nothing is answered before the caller knows the id.
    queueMicrotask(() => {
      if (!this.calls.has(id)) return
      if (rounds === null) void this.answer(id, request)
      else rounds.begin()
    })
    return id
  }

  /** Answers to what was asked. The rest of what a legacy client tells has no place in the new revision. */
  send(message: Outgoing): void {
    const parsed = this.parsed(message.pieces)
    if (parsed.kind === 'response') this.inquiries.answer(parsed)
    else if (parsed.text('method') === 'notifications/initialized') this.listen.start()
  }

  cancel(id: number, reason: string): void {
    const call = this.calls.get(id)
    this.calls.delete(id)
    call?.rounds?.cancel(reason)
  }

  cancelWith(id: number, notification: Outgoing): void {
    const cancelled = this.parsed(notification.pieces)
    const { reason } = cancelled.byteLength > maxReasonBytes ? {} : smallParams(cancelled)
    this.cancel(id, typeof reason === 'string' ? reason : 'the client cancelled it')
  }

  /** Calls that wait for the client have a time limit of their own; the others are stretched by their progress. */
  touch(): void {}

  /** The copy may be read for other sessions as well: it does not wait for a slow client of one of them. */
  pause(): void {}

  resume(): void {}

  async stop(reason = 'was stopped'): Promise<void> {
    this.break(new McpoError('TRANSPORT_ERROR', `Server "${this.settings.name}" ${reason}`))
    await this.options.release()
  }

  private rounds(id: number, request: Message, listener: CallListener): Rounds {
    return new Rounds({
      request,
      hub: this.hub,
      client: this,
      wantsLogs: () => this.local.client.hasLogs,
      envelope: () => this.local.client.envelope,
      inquire: (requests) => this.inquire(id, requests),
      withdraw: (error) => this.inquiries.withdraw(id, error),
      onEvent: (event, mapped) => {
        if (event.text('method') !== 'notifications/progress') this.onServerMessage(event, id)
        else listener.onProgress?.(this.parsed(mapped.pieces))
      },
      onAnswer: (answer) => this.calls.delete(id) && listener.onAnswer(answer),
      onFailure: (error) => this.calls.delete(id) && listener.onFailure(error),
    })
  }

  private async inquire(id: number, requests: readonly InputRequest[]): Promise<ReadonlyMap<string, string>> {
    for (const request of requests) this.local.client.ensureAnswers(request)
    const results = await Promise.all(requests.map((request) => this.inquiries.ask(request, id)))
    return new Map(requests.map(({ key }, index) => [key, results[index] ?? 'null']))
  }

  private async answer(id: number, request: Message): Promise<void> {
    const bytes = await this.answered(request)
    const call = this.calls.get(id)
    if (this.calls.delete(id)) call?.listener.onAnswer(this.parsed([bytes]))
  }

  private async answered(request: Message): Promise<Buffer> {
    const id = request.raw('id') ?? 'null'
    try {
      return resultMessage(id, await this.local.find(request.text('method'))?.(request))
    } catch (thrown) {
      return errorMessage(id, rpcErrorOf(toMcpoError(thrown)))
    }
  }

  private listenRequest(filter: ListenFilter): Message {
    const params = `{"notifications":${JSON.stringify(filter)},"_meta":{${this.local.client.quietEnvelope}}}`
    return this.parsed([Buffer.from(`{"jsonrpc":"2.0","id":0,"method":"subscriptions/listen","params":${params}}`)])
  }

  private parsed(pieces: readonly Buffer[]): Message {
    return parseMessage(pieces, this.options.scan)
  }

  private break(error: McpoError): void {
    if (this.failure !== null) return
    this.failure = error
    this.listen.stop()
    for (const [id, { rounds, listener }] of [...this.calls]) {
      if (rounds !== null) rounds.fail(error)
      else if (this.calls.delete(id)) listener.onFailure(error)
    }
    this.settle(error)
  }
}

function settled<Value>(): { promise: Promise<Value>; settle: (value: Value) => void } {
  let settle: (value: Value) => void = () => {}
  const promise = new Promise<Value>((resolve) => {
    settle = resolve
  })
  return { promise, settle }
}
