import type { UpstreamSettings } from '../config/model.ts'
import { McpoError, toMcpoError } from '../errors.ts'
import type { Rejection } from '../protocol/framer.ts'
import type { Message } from '../protocol/model.ts'
import { isJsonRpc2 } from '../protocol/version-field.ts'
import type { ExitStatus } from '../sandbox/model.ts'
import { Calls } from './calls.ts'
import type { Connection, Opened } from './connection.ts'
import type { Log, Outgoing, UpstreamLimits, UpstreamRequest } from './model.ts'
import { notificationOf } from './outgoing.ts'
import { Quota } from './quota.ts'
import { scalarKey } from './scalar.ts'
import type { ServerCopy } from './server-copy.ts'

/** How long a closed stdin may take to end the server before SIGTERM is sent, and that before it is killed. */
const stopGraceMs = 1000
/** How long an exit waits for the last output, and the end of output for the exit status. */
const lastWordsMs = 250

export interface InstanceOptions {
  readonly settings: UpstreamSettings
  readonly opened: Opened
  readonly limits: UpstreamLimits
  readonly log: Log
}

/**
 * One running copy of a server. It gives each request an id of its own (callers' ids never meet), matches answers and
 * progress to their waiters, and fails everything in flight at once when the server is gone.
 */
export class Instance implements ServerCopy {
  readonly settings: UpstreamSettings
  /** Requests, notifications and unmatched progress of the server. Set by the owner before the first request. */
  onServerMessage: ServerCopy['onServerMessage'] = () => {}
  /** Whether the server asked its client something that is not answered yet. */
  waitsForClient: () => boolean = () => false
  /** Nothing is in flight any more, subscriptions included; or something is again. */
  onIdle: (isIdle: boolean) => void = () => {}
  /** The server answered a request that nobody waits for any more: it was cancelled, or timed out. */
  onLateAnswer: (id: number) => void = () => {}
  /** Settles when the server is gone and every waiter was told. */
  readonly closed: Promise<McpoError>
  private readonly connection: Connection
  private readonly calls: Calls
  private readonly limits: UpstreamLimits
  private readonly log: Log
  private readonly faults = new Quota(5)
  private readonly strays = new Quota(5)
  private lastId = 0
  private failure: McpoError | null = null

  constructor(options: InstanceOptions) {
    this.settings = options.settings
    this.limits = options.limits
    this.log = options.log
    this.calls = new Calls({
      onTimeout: (id) => this.tellCancelled(id, 'timed out'),
      isWaiting: () => this.waitsForClient(),
      onIdle: (isIdle) => this.onIdle(isIdle),
    })
    this.connection = this.connect(options.opened)
    this.closed = this.watch()
  }

  /** Its end was asked for: no failure of the server. */
  stopRequested = false

  get alive(): boolean {
    return this.failure === null
  }

  /** Subscriptions do not count: they end with their client. */
  get callsInFlight(): number {
    return this.calls.sizeWithTimeout
  }

  /** Sends a request and returns the id it travels under. Throws when the instance is gone or full. */
  request(request: UpstreamRequest): number {
    if (this.failure !== null) throw this.failure
    if (this.calls.size >= this.limits.maxCalls) throw tooManyCalls(this.settings.name, this.limits.maxCalls)
    const id = ++this.lastId
    const token = request.token?.(id)
    this.connection.send(request.write(id))
    this.calls.add(id, token === undefined ? null : scalarKey(token), request.limit, request.listener)
    return id
  }

  /** Sends a notification, or the answer to a request of the server. Dropped when the server is gone or does not read. */
  send(message: Outgoing): void {
    if (this.failure !== null) return
    try {
      this.connection.send(message)
    } catch (thrown) {
      this.warn({}, `a message was dropped: ${toMcpoError(thrown).message}`)
    }
  }

  /** Nobody waits for this request any more: its answer will be dropped, and the server is told. */
  cancel(id: number, reason: string): void {
    if (this.calls.forget(id)) this.tellCancelled(id, reason)
  }

  /** As `cancel`, with the client's own notification passed on instead of one of ours. */
  cancelWith(id: number, notification: Outgoing): void {
    if (this.calls.forget(id)) this.send(notification)
  }

  /** The call is alive: it has its full time again. */
  touch(id: number): void {
    this.calls.touch(id)
  }

  /** Stops reading what the server writes, until `resume`; the server then blocks on its own output. */
  pause(): void {
    this.connection.pause()
  }

  resume(): void {
    this.connection.resume()
  }

  /** Closes stdin, waits a second, sends SIGTERM, waits again, then kills. Settles when every process of it is gone. */
  async stop(reason = 'was stopped'): Promise<void> {
    this.stopRequested = true
    this.break(new McpoError('TRANSPORT_ERROR', `Server "${this.settings.name}" ${reason}`))
    this.connection.end()
    const timers = [
      setTimeout(() => this.connection.terminate(), stopGraceMs),
      setTimeout(() => this.connection.kill(), 2 * stopGraceMs),
    ]
    await this.connection.exited
    for (const timer of timers) clearTimeout(timer)
    this.connection.destroy()
  }

  /** Which copy it is, for the log. */
  get label(): Connection['label'] {
    return this.connection.label
  }

  private connect(opened: Opened): Connection {
    return opened.connect({
      onMessage: (message, call) => this.safely(() => this.receive(message, call)),
      onReject: (rejection) => this.receiveBad(rejection),
      onStderr: (line) => this.log.info({ server: this.settings.name, ...this.label }, line),
      onLost: (id, error) => this.safely(() => this.calls.fail(id, error)),
    })
  }

  /** A fault of ours with one message must not end the gateway, nor the messages behind it. */
  private safely(receive: () => void): void {
    try {
      receive()
    } catch (err) {
      this.log.error({ server: this.settings.name, err }, 'a message of the server could not be handled')
    }
  }

  private receive(message: Message, call: number | undefined): void {
    if (message.kind === 'batch') this.warn({}, 'a batch of the server was dropped')
    else if (!isJsonRpc2(message)) this.receiveBad(unversioned(message))
    else if (message.kind === 'response') this.receiveAnswer(message)
    else if (!this.receiveProgress(message)) this.onServerMessage(message, call)
  }

  private receiveProgress(message: Message): boolean {
    if (message.kind !== 'notification' || message.text('method') !== 'notifications/progress') return false
    const token = message.raw('params.progressToken')
    return token !== null && this.calls.progress(scalarKey(token), message)
  }

  private receiveAnswer(answer: Message): void {
    const id = Number(answer.raw('id') ?? Number.NaN)
    if (this.calls.answer(id, answer)) return
    this.onLateAnswer(id)
    const { name: server } = this.settings
    if (this.strays.admit().admitted) this.log.debug({ server }, 'an answer that nobody waits for was dropped')
  }

  /** A frame that is no message: if it was an answer, its waiter is told. */
  private receiveBad({ reason, bytes, id, method }: Rejection): void {
    const name = this.settings.name
    this.warn({ reason, bytes }, 'a message of the server was refused')
    if (id === null || method !== null) return
    const words =
      reason === 'too-large' ? `longer than ${this.limits.maxMessageBytes} bytes` : `not a valid message (${reason})`
    this.calls.fail(Number(id), new McpoError('TRANSPORT_ERROR', `The answer of "${name}" was ${words}`))
  }

  /** What a server can cause at will must not fill the log. */
  private warn(facts: object, text: string): void {
    if (this.faults.admit().admitted) this.log.warn({ server: this.settings.name, ...facts }, text)
  }

  private tellCancelled(id: number, reason: string): void {
    this.send(notificationOf('notifications/cancelled', { requestId: id, reason }))
  }

  private break(error: McpoError): void {
    if (this.failure !== null) return
    this.failure = error
    this.calls.failAll(error)
  }

  private async watch(): Promise<McpoError> {
    const { ended, exited } = this.connection
    let status: ExitStatus | null = null
    const left = exited.then((how) => {
      status = how
    })
    await Promise.race([ended, left])
    // Whoever holds its pipes beyond its exit is not waited for.
    await Promise.race([Promise.all([ended, left]), delay(lastWordsMs)])
    this.break(this.connection.lastWords(status))
    this.connection.kill()
    await this.connection.exited
    this.connection.destroy()
    return this.failure ?? this.connection.lastWords(null)
  }
}

function unversioned(message: Message): Rejection {
  return { reason: 'shape', bytes: message.byteLength, id: message.raw('id'), method: message.raw('method') }
}

function tooManyCalls(server: string, max: number): McpoError {
  return new McpoError('TOO_MANY', `${max} calls are in flight towards "${server}", which is the most there may be`)
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
