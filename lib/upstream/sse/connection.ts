import { McpoError, toMcpoError } from '../../errors.ts'
import type { FrameCounters } from '../../protocol/framer.ts'
import { parseMessage } from '../../protocol/message.ts'
import type { Message } from '../../protocol/model.ts'
import { type ServerEvent, SseReader } from '../../protocol/sse-reader.ts'
import type { ExitStatus } from '../../sandbox/model.ts'
import type { Connection, ConnectionEvents } from '../connection.ts'
import { refusedStatus } from '../http/failures.ts'
import { Incoming } from '../http/incoming.ts'
import { Life } from '../http/life.ts'
import { Outbox } from '../http/outbox.ts'
import { postNotification } from '../http/post.ts'
import type { Remote } from '../http/remote.ts'
import { accepts } from '../http/request-headers.ts'
import type { Outgoing } from '../model.ts'
import { startLimit } from '../time-limit.ts'

/** How much may be on its way: so many of the largest messages. */
const queuedMessages = 2
const maxEndpointBytes = 4096

/**
 * A remote server over HTTP+SSE (2024-11-05): one stream of events brings everything, the first of them where to post. The server
 * is gone when the stream ends; nothing of it can be resumed.
 */
export class SseConnection implements Connection {
  readonly label: Connection['label']
  private readonly remote: Remote
  private readonly events: ConnectionEvents
  private readonly incoming: Incoming
  private readonly outbox: Outbox
  private readonly life: Life
  private endpoint: URL | null = null
  private foundEndpoint: () => void = () => {}

  constructor(remote: Remote, counters: FrameCounters, events: ConnectionEvents) {
    this.remote = remote
    this.events = events
    this.label = { url: `${remote.url.origin}${remote.url.pathname}` }
    this.incoming = new Incoming(events, remote.scan, counters)
    this.life = new Life(remote.settings.name)
    const ready = new Promise<void>((resolve) => {
      this.foundEndpoint = resolve
    })
    this.outbox = new Outbox(queuedMessages * remote.maxMessageBytes, Promise.race([ready, this.life.ended]))
    void this.listen()
  }

  get ended(): Promise<void> {
    return this.life.ended
  }

  get exited(): Promise<ExitStatus> {
    return this.life.exited
  }

  send(outgoing: Outgoing): void {
    const message = parseMessage(outgoing.pieces, this.remote.scan)
    this.outbox.add(message.byteLength, message.kind !== 'request', () => this.post(message))
  }

  pause(): void {
    this.remote.flow.pause()
  }

  resume(): void {
    this.remote.flow.resume()
  }

  end(): void {
    this.life.end(null)
  }

  terminate(): void {
    this.kill()
  }

  kill(): void {
    this.life.end(null)
  }

  destroy(): void {
    this.life.end(null)
  }

  lastWords(): McpoError {
    return this.life.lastWords()
  }

  private async listen(): Promise<void> {
    const { name, startupTimeoutMs } = this.remote.settings
    const timer = setTimeout(() => this.life.end(this.late()), startupTimeoutMs).unref()
    void this.life.ended.then(() => clearTimeout(timer))
    try {
      const answer = await this.remote.origin.request({
        method: 'GET',
        url: this.remote.url,
        headers: { accept: 'text/event-stream' },
        body: null,
        signal: this.life.signal,
        headersTimeoutMs: startupTimeoutMs,
      })
      if (answer.status !== 200 || answer.mediaType !== 'text/event-stream') {
        answer.discard()
        throw refusedStatus(name, answer.status)
      }
      const onEvent = (event: ServerEvent): void => this.receive(event, timer)
      await this.remote.flow.readEvents(
        answer.body,
        new SseReader({ maxEventBytes: this.remote.maxEventBytes, onEvent }),
      )
      throw new McpoError('TRANSPORT_ERROR', `Server "${name}" ended its stream`, { data: { server: name } })
    } catch (thrown) {
      this.life.end(toMcpoError(thrown))
    }
  }

  private receive({ type, data }: ServerEvent, timer: NodeJS.Timeout): void {
    if (this.life.isOver) return
    if (type === 'endpoint' && this.endpoint === null) {
      clearTimeout(timer)
      this.learnEndpoint(Buffer.concat(data))
    } else if (type === 'message') {
      const message = this.incoming.parse(data)
      if (message !== null) this.events.onMessage(message)
    }
  }

  /** The configured headers go with every post: to nowhere but the server's own origin. */
  private learnEndpoint(data: Buffer): void {
    const { url, settings } = this.remote
    const text = data.length > maxEndpointBytes ? '' : data.toString().trim()
    const endpoint = text !== '' && URL.canParse(text, url.href) ? new URL(text, url) : null
    if (endpoint?.origin === url.origin) {
      this.endpoint = endpoint
      this.foundEndpoint()
      return
    }
    const where = endpoint === null ? 'no URL' : endpoint.origin
    const message = `Server "${settings.name}" wants messages to be sent to ${where}, not to ${url.origin}`
    this.life.end(new McpoError('TRANSPORT_ERROR', message))
  }

  private async post(message: Message): Promise<void> {
    const { endpoint, remote } = this
    if (endpoint === null || this.life.isOver) return
    const status = await postNotification(remote, endpoint, message, accepts)
    if (typeof status === 'number' && status < 300) return
    const error = typeof status === 'number' ? refusedStatus(remote.settings.name, status) : status
    if (status === 404) this.life.end(error)
    else if (message.kind === 'request') this.events.onLost(Number(message.raw('id')), error)
  }

  private late(): McpoError {
    const { name } = this.remote.settings
    const { ms, hint } = startLimit(this.remote.settings)
    return new McpoError('TIMEOUT', `Server "${name}" did not open its stream within ${ms / 1000} s`, { hint })
  }
}
