import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { ask } from '../upstream/ask.ts'
import { notificationOf } from '../upstream/outgoing.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'

/** What a link needs of the session it belongs to. */
export interface LinkOwner {
  /** JSON text of the params with which the client initialised the session. */
  readonly openingParams: string
  /** JSON text of the params of its last `logging/setLevel`. */
  readonly logLevelParams: string | null
  readonly congested: boolean
  receive(link: Link, copy: ServerCopy, message: Message): void
  hasOpenQuestion(copy: ServerCopy): boolean
  lost(copy: ServerCopy): void
}

/**
 * One session's own copy of one server: started when it is first needed, initialised as the client initialised the session,
 * started again when it is gone.
 */
export class Link {
  readonly server: UpstreamServer
  private readonly owner: LinkOwner
  private current: Promise<ServerCopy> | null = null
  private copy: ServerCopy | null = null
  private closed = false

  constructor(server: UpstreamServer, owner: LinkOwner) {
    this.server = server
    this.owner = owner
  }

  /** The running copy, if there is one. */
  get live(): ServerCopy | null {
    return this.copy
  }

  /** The initialised copy. */
  open(): Promise<ServerCopy> {
    this.dropDead()
    this.current ??= this.hold(this.startInitialised())
    return this.current
  }

  /** A copy that the caller initialises: with the client's own request, as it came. */
  openRaw(): Promise<ServerCopy> {
    this.current ??= this.hold(this.start())
    return this.current
  }

  async close(): Promise<void> {
    this.closed = true
    const copy = await this.current?.catch(() => null)
    await copy?.stop()
  }

  /** A copy that has failed is no more use, though its process may not have ended yet. */
  private dropDead(): void {
    if (this.copy !== null && !this.copy.alive) this.lost(this.copy)
  }

  private hold(opening: Promise<ServerCopy>): Promise<ServerCopy> {
    opening.catch(() => {
      if (this.current === opening) this.current = null
    })
    return opening
  }

  private async start(): Promise<ServerCopy> {
    const copy = await this.server.pool.start()
    if (this.closed) {
      void copy.stop()
      throw new McpoError('NOT_FOUND', 'The session was closed')
    }
    this.copy = copy
    copy.onServerMessage = (message) => this.owner.receive(this, copy, message)
    copy.waitsForClient = () => this.owner.hasOpenQuestion(copy)
    void copy.closed.then(() => this.lost(copy))
    if (this.owner.congested) copy.pause()
    return copy
  }

  private async startInitialised(): Promise<ServerCopy> {
    const copy = await this.start()
    const { startupTimeoutMs } = this.server.settings
    const answer = await ask(copy, 'initialize', this.owner.openingParams, startupTimeoutMs)
    if (answer.isError) {
      void copy.stop()
      throw refusal(this.server.name, answer)
    }
    copy.send(notificationOf('notifications/initialized'))
    const level = this.owner.logLevelParams
    if (level !== null) await ask(copy, 'logging/setLevel', level, startupTimeoutMs)
    return copy
  }

  private lost(copy: ServerCopy): void {
    this.owner.lost(copy)
    if (this.copy !== copy) return
    this.copy = null
    this.current = null
  }
}

function refusal(server: string, answer: Message): McpoError {
  const why = answer.raw('error')?.slice(0, 500)
  return new McpoError('TRANSPORT_ERROR', `Server "${server}" refused to be initialised: ${why}`)
}
