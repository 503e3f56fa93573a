import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { ask } from '../upstream/ask.ts'
import type { Instance } from '../upstream/instance.ts'
import { notificationOf } from '../upstream/outgoing.ts'
import type { UpstreamServer } from '../upstream/server.ts'

/** What a link needs of the session it belongs to. */
export interface LinkOwner {
  /** JSON text of the params with which the client initialised the session. */
  readonly openingParams: string
  /** JSON text of the params of its last `logging/setLevel`. */
  readonly logLevelParams: string | null
  readonly congested: boolean
  receive(link: Link, instance: Instance, message: Message): void
  hasOpenQuestion(instance: Instance): boolean
  lost(instance: Instance): void
}

/**
 * One session's own copy of one server: started when it is first needed, initialised as the client initialised the session,
 * started again when it is gone.
 */
export class Link {
  readonly server: UpstreamServer
  private readonly owner: LinkOwner
  private current: Promise<Instance> | null = null
  private instance: Instance | null = null
  private closed = false

  constructor(server: UpstreamServer, owner: LinkOwner) {
    this.server = server
    this.owner = owner
  }

  /** The running copy, if there is one. */
  get live(): Instance | null {
    return this.instance
  }

  /** The initialised copy. */
  open(): Promise<Instance> {
    this.dropDead()
    this.current ??= this.hold(this.startInitialised())
    return this.current
  }

  /** A copy that the caller initialises: with the client's own request, as it came. */
  openRaw(): Promise<Instance> {
    this.current ??= this.hold(this.start())
    return this.current
  }

  async close(): Promise<void> {
    this.closed = true
    const instance = await this.current?.catch(() => null)
    await instance?.stop()
  }

  /** A copy that has failed is no more use, though its process may not have ended yet. */
  private dropDead(): void {
    if (this.instance !== null && !this.instance.alive) this.lost(this.instance)
  }

  private hold(opening: Promise<Instance>): Promise<Instance> {
    opening.catch(() => {
      if (this.current === opening) this.current = null
    })
    return opening
  }

  private async start(): Promise<Instance> {
    const instance = await this.server.pool.start()
    if (this.closed) {
      void instance.stop()
      throw new McpoError('NOT_FOUND', 'The session was closed')
    }
    this.instance = instance
    instance.onServerMessage = (message) => this.owner.receive(this, instance, message)
    instance.waitsForClient = () => this.owner.hasOpenQuestion(instance)
    void instance.closed.then(() => this.lost(instance))
    if (this.owner.congested) instance.pause()
    return instance
  }

  private async startInitialised(): Promise<Instance> {
    const instance = await this.start()
    const { startupTimeoutMs } = this.server.settings
    const answer = await ask(instance, 'initialize', this.owner.openingParams, startupTimeoutMs)
    if (answer.isError) {
      void instance.stop()
      throw refusal(this.server.name, answer)
    }
    instance.send(notificationOf('notifications/initialized'))
    const level = this.owner.logLevelParams
    if (level !== null) await ask(instance, 'logging/setLevel', level, startupTimeoutMs)
    return instance
  }

  private lost(instance: Instance): void {
    this.owner.lost(instance)
    if (this.instance !== instance) return
    this.instance = null
    this.current = null
  }
}

function refusal(server: string, answer: Message): McpoError {
  const why = answer.raw('error')?.slice(0, 500)
  return new McpoError('TRANSPORT_ERROR', `Server "${server}" refused to be initialised: ${why}`)
}
