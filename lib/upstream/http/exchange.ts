import { McpoError, toMcpoError } from '../../errors.ts'
import { errorMessage } from '../../protocol/jsonrpc.ts'
import { parseMessage } from '../../protocol/message.ts'
import type { Message } from '../../protocol/model.ts'
import { readWhole } from './bodies.ts'
import { refusedStatus } from './failures.ts'
import { brokenOff, follow } from './follow.ts'
import type { Incoming } from './incoming.ts'
import type { LegacySession } from './legacy-session.ts'
import type { RemoteAnswer } from './origin.ts'
import type { Remote } from './remote.ts'

export interface ExchangeOptions {
  readonly remote: Remote
  readonly incoming: Incoming
  readonly request: Message
  readonly id: number
  /** Null in the modern era, and before `initialize` is answered. */
  readonly session: LegacySession | null
  readonly headers: Readonly<Record<string, string>>
  /** Requests and notifications of the server on the call's stream. */
  onMessage(message: Message): void
  /** The answer, and the HTTP answer that brought it. Called once at most. */
  onAnswer(answer: Message, carrier: RemoteAnswer): void
}

const maxErrorBodyBytes = 1024 * 1024
/** Methods by whose refusal the era is found out: an overloaded server must not be taken for an old one. */
const probes = new Set(['server/discover', 'initialize'])

/** One request to a remote server, from the POST to the answer that comes as JSON or at the end of a stream of events. */
export class Exchange {
  private readonly options: ExchangeOptions
  private readonly controller = new AbortController()
  private answered = false

  constructor(options: ExchangeOptions) {
    this.options = options
  }

  /** Nobody waits any more: the connection is cut, which in the modern era tells the server. */
  abort(): void {
    this.controller.abort()
  }

  /** Resolves when it was answered. Rejects with a McpoError when that can no longer be; `data.status` is the HTTP status, if it is why. */
  async run(): Promise<void> {
    const { remote, request, headers } = this.options
    const answer = await remote.origin.request({
      method: 'POST',
      url: remote.url,
      headers,
      body: Buffer.concat(request.pieces),
      signal: this.controller.signal,
      headersTimeoutMs: request.text('method') === 'subscriptions/listen' ? 0 : remote.answerTimeoutMs,
    })
    if (answer.status >= 300) await this.readRefusal(answer)
    else if (answer.mediaType === 'text/event-stream') await this.readStream(answer)
    else await this.readJson(answer)
    if (!this.answered) throw brokenOff()
  }

  private async readStream(answer: RemoteAnswer): Promise<void> {
    const { remote, session } = this.options
    let fault: McpoError | null = null
    await follow(answer, {
      flow: remote.flow,
      maxEventBytes: remote.maxEventBytes,
      signal: this.controller.signal,
      onData: (data) => {
        fault ??= this.receiveSafely(data, answer)
      },
      isDone: () => this.answered || fault !== null,
      reopen: async (lastEventId) => session?.openStream(lastEventId, this.controller.signal) ?? null,
      resumable: session?.revision.http.isResumable ? 'with-id' : 'never',
    })
    if (fault !== null) throw fault
  }

  private receiveSafely(data: readonly Buffer[], carrier: RemoteAnswer): McpoError | null {
    try {
      const message = this.options.incoming.parse(data)
      if (message?.kind === 'response') this.receiveAnswer(message, carrier)
      else if (message !== null) this.options.onMessage(message)
      return null
    } catch (thrown) {
      return toMcpoError(thrown)
    }
  }

  /** An answer to another request has no business on this one's stream. */
  private receiveAnswer(answer: Message, carrier: RemoteAnswer): void {
    const { id, remote, onAnswer } = this.options
    if (Number(answer.raw('id') ?? Number.NaN) !== id || this.answered) {
      remote.warn('an answer to another request was dropped')
      return
    }
    this.answered = true
    onAnswer(answer, carrier)
  }

  private async readJson(answer: RemoteAnswer): Promise<void> {
    const { remote } = this.options
    if (answer.mediaType !== 'application/json') {
      answer.discard()
      const came = answer.mediaType === '' ? 'nothing' : answer.mediaType.slice(0, 100)
      const message = `Server "${remote.settings.name}" answered a request with ${came}, status ${answer.status}`
      throw new McpoError('TRANSPORT_ERROR', message)
    }
    const fault = this.receiveSafely(await readWhole(answer.body, remote.maxMessageBytes), answer)
    if (fault !== null) throw fault
  }

  /** An error of JSON-RPC in the body is the answer; without one the status is all there is. */
  private async readRefusal(answer: RemoteAnswer): Promise<void> {
    const { remote, session, request } = this.options
    const { status } = answer
    const isOpaque = status === 401 || status === 403 || (status >= 500 && probes.has(request.text('method') ?? ''))
    const error = isOpaque || answer.mediaType !== 'application/json' ? null : await this.errorIn(answer)
    answer.discard()
    const isLost = session?.hasId === true && (status === 404 || saysNoSession(status, error))
    if (error === null || isLost) throw refusedStatus(remote.settings.name, isLost ? 404 : status)
    this.answered = true
    this.options.onAnswer(error, answer)
  }

  /** As it came when it has the request's id; often it has none, because the server refused before it read the body. */
  private async errorIn(answer: RemoteAnswer): Promise<Message | null> {
    const { id, remote } = this.options
    const pieces = await readWhole(answer.body, maxErrorBodyBytes).catch(() => null)
    const message = pieces === null ? null : parseMessage(pieces, remote.scan)
    if (message?.isError !== true) return null
    if (message.raw('id') === String(id)) return message
    const { code, message: text, data } = JSON.parse(message.raw('error') ?? '{}') as Record<string, unknown>
    if (typeof code !== 'number' || typeof text !== 'string') return null
    return parseMessage([errorMessage(String(id), { code, message: text, data })], remote.scan)
  }
}

/** Servers built on examples of the SDK answer an unknown session so, instead of with 404. */
function saysNoSession(status: number, error: Message | null): boolean {
  if (status !== 400 || error === null) return false
  const { code, message } = JSON.parse(error.raw('error') ?? '{}') as { code?: unknown; message?: unknown }
  return code === -32000 && typeof message === 'string' && /session|not initialized/i.test(message.slice(0, 1000))
}
