import type { Principal } from '../auth/model.ts'
import type { UpstreamSettings } from '../config/model.ts'
import { McpoError } from '../errors.ts'
import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import { renamingEdits } from '../protocol/renaming.ts'
import type { Revision } from '../protocol/revisions/index.ts'
import { edited } from '../upstream/outgoing.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import { errorFor, resultFor } from './answers.ts'
import { ClientCalls } from './client-calls.ts'
import { ClientTasks } from './client-tasks.ts'
import { Downlink, type Origin } from './downlink.ts'
import { Link, type LinkOwner } from './link.ts'
import type { Downstream } from './model.ts'
import { Questions } from './questions.ts'
import { Replay } from './replay.ts'
import type { ReplayBudget } from './replay-budget.ts'
import { ResourceRoutes } from './resource-routes.ts'
import { type TaskNames, taskNames } from './task-names.ts'
import type { Track } from './track.ts'

export interface SessionOptions {
  readonly id: string
  readonly principal: Principal
  readonly endpoint: string | null
  readonly openingParams: string
  /** Memory for events that clients may come back for. */
  readonly replayBudget: ReplayBudget
}

/** What a server says that has nothing to do with a call in flight. */
const unrelated = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
])

/** One legacy client: its own copies of the servers, its calls, and the ways back to it. */
export class Session implements LinkOwner {
  readonly id: string
  readonly principal: Principal
  readonly endpoint: string | null
  readonly openingParams: string
  logLevelParams: string | null = null
  readonly calls = new ClientCalls()
  readonly downlink = new Downlink()
  readonly questions = new Questions((copy, message) => this.toServer(copy, message))
  readonly tasks = new ClientTasks()
  readonly resources = new ResourceRoutes()
  readonly replay: Replay<Track>
  /** What `initialize` agreed on; null before its answer, and when the server chose what is not known here. */
  revision: Revision | null = null
  lastUsed = 0
  /** Its `initialize` was not answered yet. */
  opening = true
  private readonly links = new Map<string, Link>()
  private slowReaders = 0

  constructor(options: SessionOptions) {
    this.id = options.id
    this.principal = options.principal
    this.endpoint = options.endpoint
    this.openingParams = options.openingParams
    this.replay = new Replay<Track>(options.replayBudget)
  }

  /** Nothing is in flight and no stream is open: only time will tell whether the client comes back. */
  get idle(): boolean {
    return !this.opening && this.calls.size === 0 && !this.downlink.hasStream
  }

  get congested(): boolean {
    return this.slowReaders > 0
  }

  /** This session's way to a server. */
  link(server: UpstreamServer): Link {
    const known = this.links.get(server.name)
    if (known !== undefined) return known
    const link = new Link(server, this)
    this.links.set(server.name, link)
    return link
  }

  /** The copies that run now. */
  live(): ServerCopy[] {
    return [...this.links.values()].flatMap((link) => (link.live === null ? [] : [link.live]))
  }

  /** While the client reads too slowly, its own servers are not read: they wait, and nobody else does. */
  watch(stream: Downstream): void {
    stream.onCongestion((congested) => {
      this.slowReaders += congested ? 1 : -1
      if (congested && this.slowReaders === 1) for (const copy of this.live()) copy.pause()
      if (this.slowReaders === 0) for (const copy of this.live()) copy.resume()
    })
  }

  receive(link: Link, copy: ServerCopy, message: Message, call?: number): void {
    const origin = { server: link.server.name, copy, call }
    if (message.kind === 'request') this.receiveQuestion(origin, message)
    else this.receiveNotification(origin, message)
  }

  hasOpenQuestion(copy: ServerCopy): boolean {
    return this.questions.isOpenFor(copy)
  }

  lost(copy: ServerCopy): void {
    this.questions.forget(copy)
    this.tasks.forget(copy)
  }

  async close(): Promise<void> {
    this.calls.failAll(new McpoError('NOT_FOUND', 'The session was closed'))
    this.downlink.close()
    this.replay.close()
    await Promise.all([...this.links.values()].map((link) => link.close()))
  }

  private receiveNotification(origin: Origin, notification: Message): void {
    const method = notification.text('method') ?? ''
    if (method === 'notifications/cancelled') {
      const withdrawn = this.questions.withdraw(origin.copy, notification)
      if (withdrawn !== null) this.downlink.send(origin, withdrawn, true)
      return
    }
    if (method === 'notifications/resources/list_changed') this.resources.forget(origin.server)
    this.downlink.send(origin, edited(notification, this.shown(origin, notification)), !unrelated.has(method))
  }

  /** How this client sees the tasks of a server; null: as the server does. */
  taskNames(settings: UpstreamSettings): TaskNames | null {
    return taskNames(this.endpoint, settings, this.principal.id)
  }

  /** What has other names for the client in what a server says by itself. */
  shown({ server, copy }: Pick<Origin, 'server' | 'copy'>, message: Message): Edit[] {
    const tasks = this.taskNames(copy.settings)
    return [...this.uriEdits(server, message), ...renamingEdits(message, tasks?.eventRenamings ?? [])]
  }

  /** What every server calls the same has another URI behind the aggregate. */
  private uriEdits(server: string, notification: Message): Edit[] {
    const span = notification.span('params.uri')
    const uri = notification.text('params.uri')
    if (this.endpoint !== null || span === null || uri === null) return []
    const shown = this.resources.shown(server, uri)
    return shown === uri ? [] : [{ span, bytes: JSON.stringify(shown) }]
  }

  private toServer(copy: ServerCopy, message: Message): Edit[] {
    if (this.endpoint === null && message.kind === 'response') this.tasks.learn(copy, message)
    return this.taskNames(copy.settings)?.relatedEdits(message) ?? []
  }

  private receiveQuestion(origin: Origin, request: Message): void {
    const { copy } = origin
    if (request.text('method') === 'ping') {
      copy.send(resultFor(request, {}))
      return
    }
    const objection = this.endpoint === null ? this.tasks.objectionTo(copy, request) : null
    if (objection !== null) {
      copy.send(errorFor(request, objection))
      return
    }
    const question = this.questions.ask(copy, request, this.shown(origin, request))
    if (question !== null && this.downlink.send(origin, question, true)) return
    copy.send(errorFor(request, new McpoError('TOO_MANY', 'Too many requests wait for this client')))
  }
}
