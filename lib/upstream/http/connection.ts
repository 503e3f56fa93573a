import { McpoError, toMcpoError } from '../../errors.ts'
import type { FrameCounters } from '../../protocol/framer.ts'
import { parseMessage } from '../../protocol/message.ts'
import type { Message } from '../../protocol/model.ts'
import { newestLegacy, newestModern, type Revision } from '../../protocol/revisions/index.ts'
import type { ExitStatus } from '../../sandbox/model.ts'
import type { Connection, ConnectionEvents } from '../connection.ts'
import type { Outgoing } from '../model.ts'
import { SseConnection } from '../sse/connection.ts'
import { Exchange } from './exchange.ts'
import { Incoming } from './incoming.ts'
import { LegacySession } from './legacy-session.ts'
import { Life } from './life.ts'
import type { RemoteAnswer } from './origin.ts'
import { Outbox } from './outbox.ts'
import { postNotification } from './post.ts'
import type { Remote } from './remote.ts'
import { accepts, isModernRequest } from './request-headers.ts'
import { headersOfModern } from './tool-listing.ts'

/** How much may be on its way: so many of the largest messages. */
const queuedMessages = 2
/** What a server answers to `initialize` when it may be one of before Streamable HTTP ("Backwards Compatibility"). */
const olderStatuses: readonly unknown[] = [400, 404, 405]

interface Pending {
  readonly exchange: Exchange
  readonly revision: Revision
}

/**
 * A remote server over Streamable HTTP. Requests of the modern era stand alone; with `initialize` a session begins, which is what ends
 * when the server has forgotten it. A server that does not know `initialize` by POST is spoken to over HTTP+SSE.
 */
export class HttpConnection implements Connection {
  readonly label: Connection['label']
  private readonly remote: Remote
  private readonly events: ConnectionEvents
  private readonly counters: FrameCounters
  private readonly incoming: Incoming
  private readonly outbox: Outbox
  private readonly life: Life
  private readonly pending = new Map<number, Pending>()
  private session: LegacySession | null = null
  private older: SseConnection | null = null

  constructor(remote: Remote, counters: FrameCounters, events: ConnectionEvents) {
    this.remote = remote
    this.events = events
    this.counters = counters
    this.label = { url: `${remote.url.origin}${remote.url.pathname}` }
    this.incoming = new Incoming(events, remote.scan, counters)
    this.outbox = new Outbox(queuedMessages * remote.maxMessageBytes)
    this.life = new Life(remote.settings.name)
  }

  get ended(): Promise<void> {
    return this.life.ended
  }

  get exited(): Promise<ExitStatus> {
    return this.life.exited
  }

  send(outgoing: Outgoing): void {
    const message = parseMessage(outgoing.pieces, this.remote.scan)
    if (this.older !== null) this.older.send(outgoing)
    else if (message.kind === 'request') this.sendRequest(message)
    else if (!this.hangsUp(message) && this.session !== null) this.sendNotification(message, this.session)
  }

  pause(): void {
    this.remote.flow.pause()
  }

  resume(): void {
    this.remote.flow.resume()
  }

  end(): void {
    this.older?.end()
    for (const { exchange } of this.pending.values()) exchange.abort()
    void (this.session?.end() ?? Promise.resolve()).then(() => this.stop(null))
  }

  terminate(): void {
    this.kill()
  }

  kill(): void {
    this.older?.kill()
    this.stop(null)
  }

  destroy(): void {
    this.kill()
  }

  lastWords(): McpoError {
    return this.older?.lastWords() ?? this.life.lastWords()
  }

  private sendRequest(request: Message): void {
    const isInitialize = request.text('method') === 'initialize'
    this.outbox.add(request.byteLength, isInitialize, () => this.request(request))
  }

  private async request(request: Message): Promise<void> {
    const id = Number(request.raw('id'))
    const isModern = isModernRequest(request)
    try {
      if (this.older !== null) return this.older.send(request)
      const headers = isModern ? await headersOfModern(this.remote, this.incoming, request) : this.legacyHeaders
      if (this.life.isOver) return
      const exchange = this.exchangeOf(request, id, isModern, headers)
      this.pending.set(id, { exchange, revision: isModern ? newestModern : (this.session?.revision ?? newestLegacy) })
      await exchange.run()
    } catch (thrown) {
      this.failed(request, id, toMcpoError(thrown))
    } finally {
      this.pending.delete(id)
    }
  }

  private get legacyHeaders(): Record<string, string> {
    return this.session?.postHeaders ?? accepts
  }

  private exchangeOf(request: Message, id: number, isModern: boolean, headers: Record<string, string>): Exchange {
    const method = request.text('method')
    return new Exchange({
      remote: this.remote,
      incoming: this.incoming,
      request,
      id,
      session: isModern ? null : this.session,
      headers,
      onMessage: (message) => this.events.onMessage(message, id),
      onAnswer: (answer, carrier) => {
        if (method === 'initialize') this.opened(answer, carrier)
        this.events.onMessage(isModern && method === 'tools/list' ? this.remote.tools.learn(answer) : answer)
      },
    })
  }

  private opened(answer: Message, carrier: RemoteAnswer): void {
    if (!answer.isError) this.session = new LegacySession(this.remote, carrier, answer)
  }

  private failed(request: Message, id: number, error: McpoError): void {
    const isInitialize = request.text('method') === 'initialize'
    const status = error.data?.['status']
    if (isInitialize && olderStatuses.includes(status)) {
      this.speakOlder(request)
      return
    }
    this.events.onLost(id, error)
    if (isInitialize) this.stop(error)
    else if (status === 404 && this.session?.hasId === true) this.forgotten()
  }

  /** The server has no memory of the session: whatever it was told is gone, and a new copy has to begin. */
  private forgotten(): void {
    const { name } = this.remote.settings
    this.stop(
      new McpoError('TRANSPORT_ERROR', `Server "${name}" has ended the session`, {
        hint: 'The next call begins a new one.',
        data: { server: name },
      }),
    )
  }

  private speakOlder(initialize: Message): void {
    const older = new SseConnection(this.remote, this.counters, this.events)
    this.older = older
    void older.exited.then(() => this.stop(older.lastWords()))
    older.send(initialize)
  }

  /** Where hanging up cancels a request, nothing more is said. */
  private hangsUp(message: Message): boolean {
    const pending = this.cancelled(message)
    if (pending?.revision.http.disconnectCancels !== true) return false
    pending.exchange.abort()
    return true
  }

  private cancelled(message: Message): Pending | undefined {
    if (message.text('method') !== 'notifications/cancelled') return undefined
    return this.pending.get(Number(message.raw('params.requestId') ?? Number.NaN))
  }

  private sendNotification(message: Message, session: LegacySession): void {
    const cancelled = this.cancelled(message)
    this.outbox.add(message.byteLength, true, async () => {
      const status = await postNotification(this.remote, this.remote.url, message, session.postHeaders)
      cancelled?.exchange.abort()
      if (status === 404 && session.hasId) this.forgotten()
      else if (message.text('method') === 'notifications/initialized') this.listen(session)
    })
  }

  private listen(session: LegacySession): void {
    const receive = (data: readonly Buffer[]): void => {
      const message = this.incoming.parse(data)
      if (message?.kind === 'response') this.remote.warn('an answer outside of its call was dropped')
      else if (message !== null) this.events.onMessage(message)
    }
    void session.listen(receive, () => this.forgotten(), this.life.signal)
  }

  private stop(error: McpoError | null): void {
    if (this.life.isOver) return
    for (const { exchange } of this.pending.values()) exchange.abort()
    this.life.end(error)
  }
}
