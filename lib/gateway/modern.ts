import { McpoError, toMcpoError } from '../errors.ts'
import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import { ask } from '../upstream/ask.ts'
import { gatewayInfo } from '../upstream/identity.ts'
import type { Outgoing } from '../upstream/model.ts'
import { withId } from '../upstream/outgoing.ts'
import { legacyVersions, modernVersions } from '../upstream/revisions.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { Aggregate, Caller } from './aggregate.ts'
import { errorFor, idOf, resultFor, statusOf } from './answers.ts'
import type { Catalog } from './catalog.ts'
import { Hub } from './hub.ts'
import { Listening } from './listening.ts'
import type { Inbound } from './model.ts'
import { ensureModernRequest, unsupported } from './modern-ladder.ts'
import { ToolHeaders } from './param-headers.ts'
import { smallParams } from './params.ts'
import { ResourceRoutes } from './resource-routes.ts'

/** JSON-RPC errors that the specification gives an HTTP status of their own. */
const statuses = new Map([
  [-32601, 404],
  [-32020, 400],
  [-32021, 400],
  [-32022, 400],
])

/** A merged list may differ per client and at any time. */
const listTail = ',"resultType":"complete","ttlMs":0,"cacheScope":"private"'

/** Clients without sessions (2026-07-28): each request stands alone, and goes to the one copy that all of them share. */
export class Modern {
  private readonly catalog: Catalog
  private readonly aggregate: Aggregate
  private readonly routes = new ResourceRoutes()

  constructor(catalog: Catalog, aggregate: Aggregate) {
    this.catalog = catalog
    this.aggregate = aggregate
  }

  /** Throws a McpoError for what is refused before any server sees it. */
  async post(inbound: Inbound): Promise<void> {
    const { message, claims, reply, endpoint } = inbound
    if (message.kind !== 'request') return reply.accept()
    ensureModernRequest(message, claims)
    if (endpoint === null) return this.postToAll(inbound)
    const server = this.catalog.upstreams.get(endpoint)
    const { era } = await server.facts()
    if (era === 'legacy') throw unsupported(claims.protocolVersion ?? '', legacyVersions)
    const tool = message.text('method') === 'tools/call' ? message.text('params.name') : null
    if (tool !== null) await callerOf(inbound, this.routes).ensureCall?.(server, tool)
    await relay(server, inbound, [])
  }

  private async postToAll(inbound: Inbound): Promise<void> {
    const { message, claims, reply } = inbound
    const known = await this.catalog.known()
    if (known.some(({ facts }) => facts.era === 'legacy'))
      throw unsupported(claims.protocolVersion ?? '', legacyVersions)
    const method = message.text('method') ?? ''
    if (method === 'subscriptions/listen') return this.listen(inbound)
    if (method === 'server/discover') return reply.answer(resultFor(message, await this.discover()))
    try {
      if (await this.aggregate.serve(callerOf(inbound, this.routes))) return
    } catch (thrown) {
      return reply.answer(errorFor(message, thrown), { status: statuses.get(toMcpoError(thrown).rpcCode) ?? 200 })
    }
    throw new McpoError('METHOD_NOT_FOUND', `There is no method ${JSON.stringify(method.slice(0, 100))} here`)
  }

  private async listen(inbound: Inbound): Promise<void> {
    const servers = (await this.catalog.known()).map(({ server }) => server)
    if (servers.length === 0) throw new McpoError('TRANSPORT_ERROR', 'No server is ready')
    const listening = new Listening(inbound, servers)
    const listen = (server: UpstreamServer) =>
      listening.listen(server).catch((thrown) => listening.failed(toMcpoError(thrown)))
    await Promise.all(servers.map(listen))
  }

  private async discover(): Promise<object> {
    const instructions = await this.catalog.instructions()
    return {
      resultType: 'complete',
      supportedVersions: modernVersions,
      capabilities: await this.catalog.capabilities(),
      ...(instructions === null ? {} : { instructions }),
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': gatewayInfo },
    }
  }
}

async function relay(server: UpstreamServer, inbound: Inbound, edits: readonly Edit[]): Promise<void> {
  const { message, reply } = inbound
  const fail = (thrown: unknown) => reply.answer(errorFor(message, thrown), statusOf(toMcpoError(thrown)))
  try {
    const instance = await server.pool.shared(inbound.principal.id)
    const onEvent = (_: Message, event: Outgoing) => reply.send(event)
    const onAnswer = (answer: Message) => {
      if (message.text('method') === 'tools/list') ToolHeaders.of(server).learn(answer)
      reply.answer(withId(answer, idOf(message)), { status: statusOfAnswer(answer) })
    }
    if (reply.open) Hub.of(instance).call({ request: message, reply, edits, onEvent, onAnswer, onFailure: fail })
  } catch (thrown) {
    fail(thrown)
  }
}

function callerOf(inbound: Inbound, routes: ResourceRoutes): Caller {
  const { message, reply } = inbound
  return {
    request: message,
    routes,
    listTail,
    relay: (server, edits) => relay(server, inbound, edits),
    async ask(server, method, params) {
      const instance = await server.pool.shared(inbound.principal.id)
      const text = JSON.stringify({ ...params, _meta: envelopeOf(message) })
      return ask(instance, method, text, server.settings.requestTimeoutMs)
    },
    answer: (answer) => reply.answer(answer),
    ensureCall(server, tool) {
      return ToolHeaders.of(server).ensure(message, tool, inbound.claims, (params) =>
        this.ask(server, 'tools/list', params),
      )
    },
  }
}

/** The client's own envelope without its progress token, which could meet another client's on the shared copy. */
function envelopeOf(request: Message): object {
  const { _meta: meta } = smallParams(request)
  return { ...(meta as Record<string, unknown>), progressToken: undefined }
}

function statusOfAnswer(answer: Message): number {
  const span = answer.span('error')
  if (span === null || span.end - span.start > 64 * 1024) return 200
  const error = JSON.parse(answer.raw('error') ?? 'null') as { code?: unknown } | null
  return statuses.get(Number(error?.code)) ?? 200
}
