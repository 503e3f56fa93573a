import { McpoError, toMcpoError } from '../errors.ts'
import { modernVersions, newestModern } from '../protocol/revisions/index.ts'
import { requiredMembers } from '../protocol/revisions/results.ts'
import { gatewayInfo } from '../upstream/identity.ts'
import type { Outgoing } from '../upstream/model.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { KnownServer } from '../upstream/upstreams.ts'
import type { Caller, Passage } from './aggregate/caller.ts'
import type { Aggregate } from './aggregate.ts'
import { errorFor, resultFor } from './answers.ts'
import type { Catalog } from './catalog.ts'
import { entriesOf, shareOf } from './listen-share.ts'
import { Listening } from './listening.ts'
import type { Inbound } from './model.ts'
import { ensureModernRequest } from './modern-ladder.ts'
import { statusOfCode } from './modern-way.ts'
import { ModernWays } from './modern-ways.ts'
import { ToolHeaders } from './param-headers.ts'
import { renamed } from './renamed.ts'
import { RoutesByPrincipal } from './resource-routes.ts'

/** A merged list may differ per client and at any time. */
const listTail = `,${JSON.stringify(requiredMembers(newestModern, 'tools/list')).slice(1, -1)}`

type OnEnd = (answer: Outgoing, status: number, isError: boolean) => void

/** Clients without sessions: each request stands alone. */
export class Modern {
  private readonly catalog: Catalog
  private readonly aggregate: Aggregate
  private readonly routes = new RoutesByPrincipal()
  private readonly ways = new ModernWays()

  constructor(catalog: Catalog, aggregate: Aggregate) {
    this.catalog = catalog
    this.aggregate = aggregate
  }

  /** Ends what waits for a client to come back. */
  close(): void {
    this.ways.close()
  }

  /** Throws a McpoError for what is refused before any server sees it. */
  async post(inbound: Inbound): Promise<void> {
    const { message, claims, reply, endpoint } = inbound
    if (message.kind !== 'request') return reply.accept()
    ensureModernRequest(message, claims)
    if (endpoint === null) return this.postToAll(inbound)
    const server = this.catalog.upstreams.get(endpoint)
    const tool = message.text('method') === 'tools/call' ? message.text('params.name') : null
    if (tool !== null) await this.callerOf(inbound).ensureCall?.(server, tool)
    await this.relay(server, inbound, {})
  }

  private async postToAll(inbound: Inbound): Promise<void> {
    const { message, reply } = inbound
    const method = message.text('method') ?? ''
    if (method === 'subscriptions/listen') return this.listen(inbound)
    if (method === 'server/discover') return reply.answer(resultFor(message, await this.discover()))
    try {
      if (await this.aggregate.serve(this.callerOf(inbound))) return
    } catch (thrown) {
      return reply.answer(errorFor(message, thrown), { status: statusOfCode(toMcpoError(thrown).rpcCode) })
    }
    throw new McpoError('METHOD_NOT_FOUND', `There is no method ${JSON.stringify(method.slice(0, 100))} here`)
  }

  private async listen(inbound: Inbound): Promise<void> {
    const known = await this.catalog.known()
    if (known.length === 0) throw new McpoError('TRANSPORT_ERROR', 'No server is ready')
    const caller = this.callerOf(inbound)
    await this.aggregate.learnResources(caller, entriesOf(inbound.message, 'resourceSubscriptions'))
    const listening = new Listening(inbound, this.catalog.upstreams.scan, known.length)
    const listen = (one: KnownServer) =>
      this.listenTo(one, inbound, listening).catch((thrown) => listening.failed(toMcpoError(thrown)))
    await Promise.all(known.map(listen))
  }

  private async listenTo({ server, facts }: KnownServer, inbound: Inbound, listening: Listening): Promise<void> {
    const routes = this.routes.of(inbound.principal.id)
    const mayHave = facts.capabilities['resources'] !== undefined
    const share = shareOf(inbound.message, this.catalog.upstreams.scan, (list, entry) => {
      if (list === 'taskIds') return entry
      const target = routes.find(entry) ?? { server: mayHave ? server.name : '', uri: entry }
      return target.server === server.name ? target.uri : null
    })
    if (share === null) return listening.unconcerned()
    const shown = (uri: string) => share.asked('resourceSubscriptions', uri) ?? routes.linked(server.name, uri)
    const way = await this.ways.to(server, inbound.principal)
    listening.listen(way, share, [{ paths: [['params', 'uri']], shown }])
  }

  private async discover(): Promise<object> {
    const { meta, ...introduction } = await this.catalog.introduction()
    return {
      ...requiredMembers(newestModern, 'server/discover'),
      supportedVersions: modernVersions,
      ...introduction,
      _meta: { 'io.modelcontextprotocol/serverInfo': gatewayInfo, ...meta },
    }
  }

  private async relay(server: UpstreamServer, inbound: Inbound, passage: Passage): Promise<void> {
    const { reply } = inbound
    await this.begin(server, inbound, passage, (answer, status) => reply.answer(answer, { status }))
  }

  /** Resolves with an error that the client has not seen; null: it was answered. Never settles when the client goes away. */
  private attempt(server: UpstreamServer, inbound: Inbound, passage: Passage): Promise<Outgoing | null> {
    return new Promise((resolve) => {
      void this.begin(server, inbound, passage, (answer, status, isError) => {
        if (!isError) inbound.reply.answer(answer, { status })
        resolve(isError ? answer : null)
      })
    })
  }

  private async begin(server: UpstreamServer, inbound: Inbound, passage: Passage, onEnd: OnEnd): Promise<void> {
    const { message, principal, reply } = inbound
    const fail = (thrown: unknown) => onEnd(errorFor(message, thrown), toMcpoError(thrown).httpStatus, true)
    try {
      const way = await this.ways.to(server, principal)
      if (!reply.open) return
      way.call({
        request: message,
        reply,
        edits: passage.edits ?? [],
        onEvent: (_, event) => reply.send(event),
        onAnswer: (mapped, status, answer) => {
          if (answer !== null && message.text('method') === 'tools/list') ToolHeaders.of(server).learn(answer)
          const isError = answer?.isError === true
          if (!isError) passage.onResult?.()
          onEnd(renamed(mapped, passage.renamings ?? [], this.catalog.upstreams.scan), status, isError)
        },
        onFailure: fail,
      })
    } catch (thrown) {
      fail(thrown)
    }
  }

  private callerOf(inbound: Inbound): Caller {
    const { message, principal, reply } = inbound
    return {
      principal,
      request: message,
      routes: this.routes.of(principal.id),
      listTail,
      relay: (server, passage) => this.relay(server, inbound, passage),
      attempt: (server, passage) => this.attempt(server, inbound, passage),
      ask: async (server, method, params) => (await this.ways.to(server, principal)).ask(message, method, params),
      answer: (answer) => reply.answer(answer),
      ensureCall(server, tool) {
        return ToolHeaders.of(server).ensure(message, tool, inbound.claims, (params) =>
          this.ask(server, 'tools/list', params),
        )
      },
    }
  }
}
