import { McpoError } from '../../../errors.ts'
import type { LegacyClient } from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import type { Message } from '../../../protocol/model.ts'
import { newestLegacy } from '../../../protocol/revisions/index.ts'
import { ask } from '../../../upstream/ask.ts'
import { gatewayInfo } from '../../../upstream/identity.ts'
import type { Instance } from '../../../upstream/instance.ts'
import { notificationOf } from '../../../upstream/outgoing.ts'
import { startLimit } from '../../../upstream/time-limit.ts'
import { errorFor, resultFor } from '../../answers.ts'

/** A server that does not answer a ping for this long is not used again for what it may ask about. */
const maxPingMs = 1000

/** A call that uses a copy. */
export interface CopyUser {
  /** Its client was asked something and has not answered yet. */
  readonly isWaiting: boolean
  /** The server asks the client. */
  onQuestion(request: Message): void
  /** The server takes back the question with this id (JSON text). */
  onWithdrawn(id: string): void
  onLog(message: Message): void
}

/**
 * One copy of a legacy server, initialised by the gateway in the name of a modern client. What the server says by itself does
 * not tell which call it is about: it goes to the call that is alone on the copy, or to nobody.
 */
export class LegacyCopy {
  readonly instance: Instance
  /** Called when it is gone. */
  readonly onGone = new Set<() => void>()
  private readonly users = new Set<CopyUser>()
  private readonly subscriptions = new Map<string, { count: number; readonly isGranted: Promise<boolean> }>()
  private followed: ReadonlySet<string> = new Set()
  private logLevel: string | null = null
  private wasUsed = false
  /** It asked something after its use, when no call could have caused it any more. */
  private asksByItself = false

  /** `publish` is given what concerns no call: changes of lists and resources. */
  constructor(instance: Instance, publish: (notification: Message) => void) {
    this.instance = instance
    instance.onServerMessage = (message) => this.receive(message, publish)
    instance.waitsForClient = () => [...this.users].some((user) => user.isWaiting)
    void instance.closed.then(() => {
      for (const listener of this.onGone) listener()
    })
  }

  async initialize({ capabilities, clientInfo }: LegacyClient): Promise<void> {
    const params = { protocolVersion: newestLegacy.version, capabilities, clientInfo: clientInfo ?? gatewayInfo }
    const answer = await this.ask('initialize', params)
    if (answer.isError) {
      const { name } = this.instance.settings
      const why = answer.raw('error')?.slice(0, 500)
      throw new McpoError('TRANSPORT_ERROR', `Server "${name}" refused to be initialised: ${why}`)
    }
    this.instance.send(notificationOf('notifications/initialized'))
  }

  enter(user: CopyUser): void {
    this.users.add(user)
    this.wasUsed = true
  }

  leave(user: CopyUser): void {
    this.users.delete(user)
  }

  /**
   * Waits until everything has come that the server said before now. False when it asked something meanwhile or since its
   * last use, which might as well have come during the next call, and when it does not answer a ping.
   */
  async isSettled(): Promise<boolean> {
    const isHeard = await ask(this.instance, 'ping', '{}', { ms: maxPingMs }).then(
      () => true,
      () => false,
    )
    return isHeard && !this.asksByItself
  }

  /** From now on the server tells of what is at least as severe. A server that refuses tells what it likes. */
  async setLogLevel(level: string): Promise<void> {
    if (level === this.logLevel) return
    this.logLevel = level
    await this.ask('logging/setLevel', { level })
  }

  /** Several may subscribe to one resource. False when the server refuses. */
  subscribe(uri: string): Promise<boolean> {
    const known = this.subscriptions.get(uri)
    if (known !== undefined) known.count += 1
    const isGranted = known?.isGranted ?? this.ask('resources/subscribe', { uri }).then(isResult, () => false)
    if (known === undefined) this.subscriptions.set(uri, { count: 1, isGranted })
    return isGranted
  }

  /**
   * Subscribes to what is watched through other copies: what a call changes is told by the copy that has the call, and only
   * if it was asked to. What is no longer watched is let go.
   */
  async follow(uris: ReadonlySet<string>): Promise<void> {
    const over = [...this.followed].filter((uri) => !uris.has(uri))
    const added = [...uris].filter((uri) => !this.followed.has(uri))
    this.followed = uris
    for (const uri of over) this.unsubscribe(uri)
    await Promise.all(added.map((uri) => this.subscribe(uri)))
  }

  unsubscribe(uri: string): void {
    const known = this.subscriptions.get(uri)
    if (known === undefined) return
    known.count -= 1
    if (known.count > 0) return
    this.subscriptions.delete(uri)
    if (this.instance.alive) this.ask('resources/unsubscribe', { uri }).catch(() => {})
  }

  private async ask(method: string, params: object): Promise<Message> {
    return ask(this.instance, method, JSON.stringify(params), startLimit(this.instance.settings))
  }

  private receive(message: Message, publish: (notification: Message) => void): void {
    const method = message.text('method') ?? ''
    const [user] = this.users.size === 1 ? this.users : []
    if (message.kind === 'request') this.receiveQuestion(message, method, user)
    else if (method === 'notifications/message') user?.onLog(message)
    else if (method === 'notifications/cancelled') user?.onWithdrawn(message.raw('params.requestId') ?? 'null')
    else publish(message)
  }

  private receiveQuestion(request: Message, method: string, user: CopyUser | undefined): void {
    if (method === 'ping') this.instance.send(resultFor(request, {}))
    else if (user !== undefined) user.onQuestion(request)
    else this.refuse(request)
  }

  private refuse(request: Message): void {
    if (this.wasUsed && this.users.size === 0) this.asksByItself = true
    const why =
      this.users.size === 0 ? 'no call is open' : 'several calls are open, and it does not say which it is for'
    this.instance.send(errorFor(request, new McpoError('METHOD_NOT_FOUND', `Not answered: ${why}`)))
  }
}

function isResult(answer: Message): boolean {
  return !answer.isError
}
