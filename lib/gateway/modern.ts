import { McpoError, toMcpoError } from '../errors.ts'
import { modernVersions, newestModern } from '../protocol/revisions/index.ts'
import { requiredMembers } from '../protocol/revisions/results.ts'
import { gatewayInfo } from '../upstream/identity.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { Caller } from './aggregate/caller.ts'
import type { Aggregate } from './aggregate.ts'
import { errorFor, resultFor } from './answers.ts'
import type { Catalog } from './catalog.ts'
import { entriesOf } from './listen-share.ts'
import type { Inbound } from './model.ts'
import { ensureModernRequest } from './modern-ladder.ts'
import { listensToTasks, ModernListen } from './modern-listen.ts'
import { ModernRelay } from './modern-relay.ts'
import { statusOfCode } from './modern-way.ts'
import { ModernWays } from './modern-ways.ts'
import { ToolHeaders } from './param-headers.ts'
import { RoutesByPrincipal } from './resource-routes.ts'
import { taskNames } from './task-names.ts'

/** Clients without sessions: each request stands alone. */
export class Modern {
  private readonly catalog: Catalog
  private readonly aggregate: Aggregate
  private readonly routes = new RoutesByPrincipal()
  private readonly ways = new ModernWays()

  private readonly relaying: ModernRelay
  private readonly listening: ModernListen

  constructor(catalog: Catalog, aggregate: Aggregate) {
    const { scan } = catalog.upstreams
    this.catalog = catalog
    this.aggregate = aggregate
    this.relaying = new ModernRelay(this.ways)
    this.listening = new ModernListen(this.ways, scan)
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
    await answering(inbound, () => this.postToOne(server, inbound))
  }

  private async postToOne(server: UpstreamServer, inbound: Inbound): Promise<boolean> {
    const { message, endpoint, principal } = inbound
    const isTranslated = taskNames(endpoint, server.settings, principal.id) !== null
    if (isTranslated && message.text('method') === 'subscriptions/listen' && listensToTasks(inbound)) {
      await this.listening.listen(inbound, [{ server, facts: await server.facts() }], null)
    } else {
      await this.relaying.relay(server, inbound)
    }
    return true
  }

  private async postToAll(inbound: Inbound): Promise<void> {
    const { message, reply } = inbound
    const method = message.text('method') ?? ''
    if (method === 'subscriptions/listen') return this.listen(inbound)
    if (method === 'server/discover') return reply.answer(resultFor(message, await this.discover()))
    if (await answering(inbound, () => this.aggregate.serve(this.callerOf(inbound)))) return
    throw new McpoError('METHOD_NOT_FOUND', `There is no method ${JSON.stringify(method.slice(0, 100))} here`)
  }

  private async listen(inbound: Inbound): Promise<void> {
    const caller = this.callerOf(inbound)
    await this.aggregate.learnResources(caller, entriesOf(inbound.message, 'resourceSubscriptions'))
    await this.listening.listen(inbound, await this.catalog.known(), caller.routes)
  }

  private async discover(): Promise<object> {
    const { meta, ...introduction } = await this.catalog.introduction('modern')
    return {
      ...requiredMembers(newestModern, 'server/discover'),
      supportedVersions: modernVersions,
      ...introduction,
      _meta: { 'io.modelcontextprotocol/serverInfo': gatewayInfo, ...meta },
    }
  }

  private callerOf(inbound: Inbound): Caller {
    const { message, principal, reply } = inbound
    return {
      principal,
      request: message,
      routes: this.routes.of(principal.id),
      revision: newestModern,
      relay: (server, passage) => this.relaying.relay(server, inbound, passage),
      attempt: (server, passage) => this.relaying.attempt(server, inbound, passage),
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

/** What is refused once it is on its way is answered as a server would answer it. True: it is answered, or will be. */
async function answering({ message, reply }: Inbound, serve: () => Promise<boolean>): Promise<boolean> {
  try {
    return await serve()
  } catch (thrown) {
    reply.answer(errorFor(message, thrown), { status: statusOfCode(toMcpoError(thrown).rpcCode) })
    return true
  }
}
