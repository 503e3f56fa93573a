import type { Principal } from '../auth/model.ts'
import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { ask } from '../upstream/ask.ts'
import type { Outgoing } from '../upstream/model.ts'
import { notificationOf, requestOf } from '../upstream/outgoing.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import { startLimit } from '../upstream/time-limit.ts'
import { needsFace, openFace, refusedAsModern } from './bridge/legacy-to-modern/open-face.ts'
import { isShared, openSeat } from './shared-legacy/open-seat.ts'

/** What a link needs of the session it belongs to. */
export interface LinkOwner {
  readonly principal: Principal
  /** JSON text of the params with which the client initialised the session. */
  readonly openingParams: string
  /** JSON text of the params of its last `logging/setLevel`. */
  readonly logLevelParams: string | null
  readonly congested: boolean
  /** `call`: the id of the call that it belongs to, where that is known. */
  receive(link: Link, copy: ServerCopy, message: Message, call?: number): void
  hasOpenQuestion(copy: ServerCopy): boolean
  lost(copy: ServerCopy): void
}

interface Initialised {
  readonly copy: ServerCopy
  readonly answer: Message
}

/** Subscriptions of one session to the resources of one server. */
const maxSubscriptions = 1024

/**
 * One session's copy of one server: started when it is first needed, initialised as the client initialised the session,
 * started again when it is gone, with what the client has set and subscribed to since. Where copies are shared it is a seat at
 * one; a server that speaks the new revision only has a face that speaks the client's.
 */
export class Link {
  readonly server: UpstreamServer
  private readonly owner: LinkOwner
  private current: Promise<ServerCopy> | null = null
  private copy: ServerCopy | null = null
  /** URIs that the client subscribed to, as the server names them. */
  private readonly subscriptions = new Set<string>()
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

  /** Starts the copy with the client's own `initialize`, and resolves with the server's answer, an error included. */
  async openWith(write: (id: number) => Outgoing): Promise<Message> {
    const initialised = this.initialise(write)
    this.current = this.hold(initialised.then(({ copy }) => copy))
    return (await initialised).answer
  }

  /** The server granted a subscription, which a new copy has to be told again. */
  subscribed(uri: string): void {
    if (this.subscriptions.size < maxSubscriptions) this.subscriptions.add(uri)
  }

  unsubscribed(uri: string): void {
    this.subscriptions.delete(uri)
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
    const { id } = this.owner.principal
    if (needsFace(this.server)) return this.take(await openFace(this.server, id))
    return this.take(await (isShared(this.server) ? openSeat(this.server, id) : this.server.pool.start()))
  }

  private take(copy: ServerCopy): ServerCopy {
    if (this.closed) {
      void copy.stop()
      throw new McpoError('NOT_FOUND', 'The session was closed')
    }
    this.copy = copy
    copy.onServerMessage = (message, call) => this.owner.receive(this, copy, message, call)
    copy.waitsForClient = () => this.owner.hasOpenQuestion(copy)
    void copy.closed.then(() => this.lost(copy))
    if (this.owner.congested) copy.pause()
    return copy
  }

  /** A server that refuses because it speaks the new revision only gets a face. */
  private async initialise(write: (id: number) => Outgoing): Promise<Initialised> {
    const copy = await this.start()
    const answer = await this.sent(copy, write)
    if (!answer.isError || needsFace(this.server) || !(await refusedAsModern(this.server, answer))) {
      return { copy, answer }
    }
    this.copy = null
    void copy.stop()
    const face = this.take(await openFace(this.server, this.owner.principal.id))
    return { copy: face, answer: await this.sent(face, write) }
  }

  private sent(copy: ServerCopy, write: (id: number) => Outgoing): Promise<Message> {
    const limit = startLimit(this.server.settings)
    return new Promise((onAnswer, onFailure) => {
      copy.request({ write, token: null, limit, listener: { onAnswer, onFailure } })
    })
  }

  private async startInitialised(): Promise<ServerCopy> {
    const { copy, answer } = await this.initialise((id) => requestOf(id, 'initialize', this.owner.openingParams))
    if (answer.isError) {
      void copy.stop()
      throw refusal(this.server.name, answer)
    }
    copy.send(notificationOf('notifications/initialized'))
    await this.replay(copy)
    return copy
  }

  /** What the client has set and subscribed to. A server that refuses it now is used without. */
  private async replay(copy: ServerCopy): Promise<void> {
    const limit = startLimit(this.server.settings)
    const level = this.owner.logLevelParams
    const uris = [...this.subscriptions]
    await Promise.allSettled([
      ...(level === null ? [] : [ask(copy, 'logging/setLevel', level, limit)]),
      ...uris.map((uri) => ask(copy, 'resources/subscribe', JSON.stringify({ uri }), limit)),
    ])
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
