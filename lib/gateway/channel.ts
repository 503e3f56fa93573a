import type { Principal } from '../auth/model.ts'
import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { legacyVersions } from '../protocol/revisions/index.ts'
import type { Log, Outgoing } from '../upstream/model.ts'
import { scalarKey } from '../upstream/scalar.ts'
import { errorFor, idOf } from './answers.ts'
import { ChannelReply } from './channel-reply.ts'
import { ensureMessage } from './ensure-message.ts'
import { eraOf } from './era.ts'
import type { Gateway } from './gateway.ts'
import type { Claims, Downstream } from './model.ts'

const maxCalls = 1024

export interface ChannelOptions {
  readonly gateway: Gateway
  /** Server name; null: all of them. */
  readonly endpoint: string | null
  readonly principal: Principal
  /** Requests without a session are served, too. */
  readonly isDual: boolean
  /** The one way to the client. */
  readonly way: Downstream
  readonly log: Log
}

/**
 * A client for which everything comes and goes over one pair of channels: stdio, and HTTP+SSE of 2024-11-05. It has at most
 * one legacy session, which ends with the channel, and may send modern requests, which `notifications/cancelled` cancels here.
 */
export class Channel implements Downstream {
  private readonly options: ChannelOptions
  private readonly calls = new Map<string, ChannelReply>()
  private sessionId: string | undefined
  private isOpening = false
  private isClosed = false
  private onIdle: () => void = () => {}

  constructor(options: ChannelOptions) {
    this.options = options
  }

  /** The client has asked for a session. */
  get isUsed(): boolean {
    return this.isOpening || this.sessionId !== undefined || this.calls.size > 0
  }

  /** Throws for what is no JSON-RPC message. Everything else is answered over the channel. */
  receive(message: Message): void {
    if (message.kind !== 'batch') ensureMessage(message)
    if (message.kind === 'request') this.begin(message)
    else if (!this.cancels(message)) this.post(message, new ChannelReply(this.options.way, 'legacy', () => {}))
  }

  /** Settles when every request has its answer. */
  answered(): Promise<void> {
    if (this.calls.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.onIdle = resolve
    })
  }

  /** The client is gone: its calls are cancelled and its session ends. */
  async close(): Promise<void> {
    this.isClosed = true
    for (const reply of [...this.calls.values()]) reply.cancel()
    if (this.sessionId === undefined) return
    const { gateway, endpoint, principal, log } = this.options
    const closed = gateway.close({ endpoint, principal, claims: this.claims() })
    this.sessionId = undefined
    await closed.catch((error: Error) => log.debug({}, `a session had ended before its channel: ${error.message}`))
  }

  get open(): boolean {
    return this.options.way.open
  }

  send(message: Outgoing): void {
    this.options.way.send(message)
  }

  end(): void {
    this.options.way.end()
  }

  onClose(listener: () => void): void {
    this.options.way.onClose(listener)
  }

  onCongestion(listener: (congested: boolean) => void): void {
    this.options.way.onCongestion(listener)
  }

  private begin(request: Message): void {
    const key = scalarKey(idOf(request))
    const refusal = this.refusal(request, key)
    if (refusal === null) this.start(request, key)
    else this.send(errorFor(request, refusal))
  }

  private start(request: Message, key: string): void {
    const isOpening = isInitialize(request)
    this.isOpening ||= isOpening
    const era = eraOf(request, this.claims())
    const reply = new ChannelReply(this.options.way, era, ({ sessionId }) => {
      this.calls.delete(key)
      if (isOpening) this.opened(sessionId)
      if (this.calls.size === 0) this.onIdle()
    })
    this.calls.set(key, reply)
    this.post(request, reply)
  }

  private refusal(request: Message, key: string): McpoError | null {
    if (this.calls.has(key)) return new McpoError('INVALID_REQUEST', 'A request with this id is in flight already')
    if (this.calls.size >= maxCalls)
      return new McpoError('TOO_MANY', `${maxCalls} requests of this client are in flight`)
    if (isInitialize(request)) return this.isOpening || this.sessionId !== undefined ? initializedAlready() : null
    const isModern = eraOf(request, this.claims()) === 'modern'
    if (isModern && !this.options.isDual) return sessionsOnly()
    if (isModern || this.sessionId !== undefined) return null
    return new McpoError('INVALID_REQUEST', 'There is no session yet', { hint: 'Start with initialize.' })
  }

  /** Calls of a session are the session's to cancel. */
  private cancels(message: Message): boolean {
    if (message.text('method') !== 'notifications/cancelled') return false
    const reply = this.calls.get(scalarKey(message.raw('params.requestId') ?? 'null'))
    if (reply?.era !== 'modern') return false
    reply.cancel()
    return true
  }

  private post(message: Message, reply: ChannelReply): void {
    const { gateway, endpoint, principal, log } = this.options
    gateway.post({ endpoint, principal, claims: this.claims(), message, reply }).catch((thrown: unknown) => {
      if (message.kind === 'request' || message.kind === 'batch') reply.answer(errorFor(message, thrown))
      else log.debug({}, `a message of the client was dropped: ${thrown instanceof Error ? thrown.message : thrown}`)
    })
  }

  private opened(sessionId: string | undefined): void {
    this.isOpening = false
    if (sessionId === undefined) return
    this.sessionId = sessionId
    if (this.isClosed) return void this.close()
    const { gateway, endpoint, principal } = this.options
    gateway.listen({ endpoint, principal, claims: this.claims() }, () => this)
  }

  private claims(): Claims {
    return {
      sessionId: this.sessionId,
      lastEventId: undefined,
      protocolVersion: undefined,
      method: undefined,
      name: undefined,
      paramHeaders: null,
    }
  }
}

function isInitialize(message: Message): boolean {
  return message.text('method') === 'initialize'
}

function sessionsOnly(): McpoError {
  return new McpoError('UNSUPPORTED_PROTOCOL', 'HTTP+SSE has sessions only', {
    data: { supported: legacyVersions },
    hint: 'Use /mcp, or start with initialize.',
  })
}

function initializedAlready(): McpoError {
  return new McpoError('INVALID_REQUEST', 'This client is initialised already', { hint: 'Open another connection.' })
}
