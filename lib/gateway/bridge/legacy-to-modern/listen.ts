import { McpoError, toMcpoError } from '../../../errors.ts'
import type { ListenFilter } from '../../../protocol/bridge/legacy-to-modern/subscription.ts'
import type { Message } from '../../../protocol/model.ts'
import { Backoff, stableAfterMs } from '../../../upstream/backoff.ts'
import type { Hub } from '../../hub.ts'

const acknowledged = 'notifications/subscriptions/acknowledged'
const maxUris = 1024
const maxFilterBytes = 1024 * 1024

export interface ListenOptions {
  readonly hub: Pick<Hub, 'call'>
  /** Which lists to hear of. */
  readonly lists: ListenFilter
  /** How long the server may take to acknowledge. */
  readonly timeoutMs: number
  /** The request `subscriptions/listen` for a filter. */
  request(filter: ListenFilter): Message
  onEvent(event: Message): void
}

interface Stream {
  /** When it was acknowledged. */
  since: number
  close(reason?: string): void
}

/**
 * The one `subscriptions/listen` of a session to a modern server. A new filter opens a new stream, which takes the old one's
 * place once it is acknowledged, so that no change is lost between them. One that the server ends is opened anew.
 */
export class Listen {
  private readonly options: ListenOptions
  private readonly uris = new Set<string>()
  private readonly backoff = new Backoff()
  private current: Stream | null = null
  private last: Promise<unknown> = Promise.resolve()
  private next: Promise<ListenFilter> | null = null
  private timer: NodeJS.Timeout | undefined
  private stopped = false

  constructor(options: ListenOptions) {
    this.options = options
  }

  /** Listens from now on; what fails is tried again after a pause. */
  start(): void {
    this.refresh().catch(() => this.later())
  }

  /** Rejects when the server does not grant it. */
  async subscribe(uri: string): Promise<void> {
    if (this.uris.size >= maxUris) throw new McpoError('TOO_MANY', `A session may subscribe to ${maxUris} resources`)
    const isNew = !this.uris.has(uri)
    this.uris.add(uri)
    try {
      const { resourceSubscriptions: granted } = await this.refresh()
      if (granted?.includes(uri) !== true)
        throw new McpoError('INVALID_PARAMS', 'The server grants no such subscription')
    } catch (thrown) {
      if (isNew) this.uris.delete(uri)
      throw thrown
    }
  }

  async unsubscribe(uri: string): Promise<void> {
    if (this.uris.delete(uri)) await this.refresh()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
    this.current?.close('the session ended')
    this.current = null
  }

  /** Opens a stream with the filter of now, after those that are being opened. Resolves with what is granted. */
  private refresh(): Promise<ListenFilter> {
    if (this.next !== null) return this.next
    const next = this.last.then(() => {
      this.next = null
      return this.reopen()
    })
    this.next = next
    this.last = next.catch(() => {})
    return next
  }

  private async reopen(): Promise<ListenFilter> {
    if (this.stopped) throw new McpoError('NOT_FOUND', 'The session was closed')
    const filter = this.filter
    if (Object.keys(filter).length > 0) return this.open(filter)
    this.replace(null)
    return {}
  }

  private get filter(): ListenFilter {
    const { lists } = this.options
    return this.uris.size === 0 ? lists : { ...lists, resourceSubscriptions: [...this.uris] }
  }

  private open(filter: ListenFilter): Promise<ListenFilter> {
    const { hub, request, timeoutMs, onEvent } = this.options
    return new Promise((resolve, reject: (error: McpoError) => void) => {
      const stream: Stream = { since: 0, close: () => {} }
      const fail = (error: McpoError) => {
        clearTimeout(timer)
        reject(error)
        if (this.current === stream) this.lost(stream)
      }
      const timer = setTimeout(() => {
        stream.close('it was not acknowledged')
        fail(new McpoError('TIMEOUT', 'The server did not acknowledge a subscription'))
      }, timeoutMs).unref()
      const hear = (event: Message) => {
        if (event.text('method') !== acknowledged) return this.current === stream && onEvent(event)
        clearTimeout(timer)
        stream.since = performance.now()
        this.replace(stream)
        resolve(grantedBy(event))
      }
      const call = {
        request: request(filter),
        edits: [],
        client: null,
        wantsLogs: false,
        reply: {
          onClose: (listener: Stream['close']) => {
            stream.close = listener
          },
        },
        onEvent: hear,
        onAnswer: (answer: Message) => fail(new McpoError('TRANSPORT_ERROR', wordsFor(answer))),
        onFailure: fail,
      }
      try {
        hub.call(call)
      } catch (thrown) {
        fail(toMcpoError(thrown))
      }
    })
  }

  private replace(stream: Stream | null): void {
    const old = this.current
    this.current = stream
    old?.close('another subscription took its place')
  }

  private lost({ since }: Stream): void {
    this.current = null
    if (performance.now() - since > stableAfterMs) this.backoff.succeeded()
    if (!this.stopped) this.later()
  }

  private later(): void {
    this.backoff.failed()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.start(), this.backoff.waitMs).unref()
  }
}

function grantedBy(acknowledgement: Message): ListenFilter {
  if (acknowledgement.byteLength > maxFilterBytes) return {}
  const { notifications } = JSON.parse(acknowledgement.raw('params') ?? '{}') as { notifications?: unknown }
  return typeof notifications === 'object' && notifications !== null ? notifications : {}
}

function wordsFor(answer: Message): string {
  return answer.isError ? `The server refused to be listened to: ${answer.raw('error')?.slice(0, 300)}` : 'It ended'
}
