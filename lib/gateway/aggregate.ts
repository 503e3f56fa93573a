import { McpoError } from '../errors.ts'
import type { ListKey } from '../protocol/lists.ts'
import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { Log, Outgoing } from '../upstream/model.ts'
import { withId } from '../upstream/outgoing.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import { idOf } from './answers.ts'
import type { Catalog, Target } from './catalog.ts'
import { decodeCursor, type PageRef } from './cursor.ts'
import { capabilityOf, listMethods, mergePages, type Page, pageOf } from './merge.ts'
import { ToolHeaders } from './param-headers.ts'
import { smallParams, textsIn } from './params.ts'
import type { ResourceRoutes } from './resource-routes.ts'

/** How one client, of either era, reaches the servers behind the aggregate. */
export interface Caller {
  readonly request: Message
  readonly routes: ResourceRoutes
  /** JSON members that a merged list must end with. */
  readonly listTail: string
  /** Sends the client's request on and lets the server answer it. */
  relay(server: UpstreamServer, edits: readonly Edit[]): Promise<void>
  /** Asks a server in the client's name; resolves with an error answer, too. `params` without `_meta`. */
  ask(server: UpstreamServer, method: string, params: Record<string, unknown>): Promise<Message>
  answer(answer: Outgoing): void
  /** Throws what keeps the call of a server's tool from being sent. */
  ensureCall?(server: UpstreamServer, tool: string): Promise<void>
}

/** Pages of one server that are read to find a name or a URI. */
const maxPages = 100

/** `/mcp`: all servers as one. Lists are merged, calls go to the server that has what they name. */
export class Aggregate {
  private readonly catalog: Catalog
  private readonly log: Log

  constructor(catalog: Catalog, log: Log) {
    this.catalog = catalog
    this.log = log
  }

  /** Serves a request that both eras know; false when it is none. Throws a McpoError that answers it. */
  async serve(caller: Caller): Promise<boolean> {
    const method = caller.request.text('method') ?? ''
    const key = Object.hasOwn(listMethods, method) ? listMethods[method] : undefined
    if (key !== undefined) await this.list(caller, method, key)
    else if (method === 'tools/call') await this.callByName(caller, 'tools/list', 'tools')
    else if (method === 'prompts/get') await this.callByName(caller, 'prompts/list', 'prompts')
    else if (byUri.has(method)) await this.callByUri(caller, method)
    else if (method === 'completion/complete') await this.complete(caller)
    else return false
    return true
  }

  private async list(caller: Caller, method: string, key: ListKey): Promise<void> {
    const pages = await this.pages(caller, method, key, await this.wanted(caller, key))
    caller.answer(mergePages({ id: idOf(caller.request), key, tail: caller.listTail }, pages))
  }

  /** The next page of each server that has one: of all servers at the start, of those in the cursor later. */
  private async wanted(caller: Caller, key: ListKey): Promise<PageRef[]> {
    const { cursor } = smallParams(caller.request)
    if (typeof cursor === 'string') return decodeCursor(cursor)
    const servers = await this.catalog.having(capabilityOf(key))
    return servers.map((server) => ({ server: server.name, cursor: null }))
  }

  /** A server that fails is left out and logged: one bad server does not take the others' tools away. */
  private async pages(caller: Caller, method: string, key: ListKey, wanted: readonly PageRef[]): Promise<Page[]> {
    const pages = await Promise.all(
      wanted.map((ref) =>
        this.page(caller, method, key, ref).catch((error: Error) => {
          this.log.warn({ server: ref.server, method }, `left out of a list: ${error.message}`)
          return null
        }),
      ),
    )
    return pages.filter((page) => page !== null)
  }

  private async page(caller: Caller, method: string, key: ListKey, { server, cursor }: PageRef): Promise<Page> {
    const answer = await caller.ask(this.catalog.upstreams.get(server), method, cursor === null ? {} : { cursor })
    if (answer.isError) throw new McpoError('TRANSPORT_ERROR', `it answered ${answer.raw('error')?.slice(0, 300)}`)
    const page = pageOf(server, answer, key)
    if (key === 'tools') ToolHeaders.of(this.catalog.upstreams.get(server)).learn(answer)
    const texts = page.list.elements.map((element) => element.text)
    this.catalog.learn(server, key, texts)
    if (key === 'resources') for (const uri of texts) caller.routes.addUri(server, uri)
    if (key === 'resourceTemplates') for (const template of texts) caller.routes.addTemplate(server, template)
    return page
  }

  private async callByName(caller: Caller, listMethod: string, key: ListKey): Promise<void> {
    const { request } = caller
    const span = request.span('params.name')
    const name = request.text('params.name')
    if (span === null || name === null) throw new McpoError('INVALID_PARAMS', 'params.name must be a string')
    const { server, name: real } = await this.target(caller, name, listMethod, key)
    if (key === 'tools') await caller.ensureCall?.(server, real ?? name)
    await caller.relay(server, [{ span, bytes: JSON.stringify(real) }])
  }

  private async target(caller: Caller, name: string, listMethod: string, key: ListKey): Promise<Target> {
    const target = this.catalog.resolve(name)
    if (target !== null && target.name === null) await this.readAll(caller, target.server, listMethod, key)
    const found = this.catalog.resolve(name)
    if (found !== null && found.name !== null) return found
    throw new McpoError('INVALID_PARAMS', `Unknown name: ${name.slice(0, 200)}`, {
      hint: `Use a name from ${listMethod}.`,
    })
  }

  private async callByUri(caller: Caller, method: string): Promise<void> {
    const uri = caller.request.text('params.uri')
    if (uri === null) throw new McpoError('INVALID_PARAMS', 'params.uri must be a string')
    const owner = await this.ownerOf(caller, uri)
    if (owner !== null) return caller.relay(owner, [])
    await this.askAround(caller, method)
  }

  private async ownerOf(caller: Caller, uri: string): Promise<UpstreamServer | null> {
    const { routes } = caller
    if (routes.find(uri) === null && !routes.complete) await this.learnRoutes(caller)
    const name = routes.find(uri)
    return name === null ? null : (this.catalog.upstreams.find(name) ?? null)
  }

  private async learnRoutes(caller: Caller): Promise<void> {
    const servers = await this.catalog.having('resources')
    const readAll = (server: UpstreamServer) => [
      this.readAll(caller, server, 'resources/list', 'resources'),
      this.readAll(caller, server, 'resources/templates/list', 'resourceTemplates'),
    ]
    await Promise.allSettled(servers.flatMap(readAll))
    caller.routes.complete = true
  }

  /** Nobody lists it: the first server that knows it answers. */
  private async askAround(caller: Caller, method: string): Promise<void> {
    let last: Message | null = null
    for (const server of await this.catalog.having('resources')) {
      last = await caller.ask(server, method, smallParams(caller.request))
      if (!last.isError) break
    }
    if (last === null) throw new McpoError('INVALID_PARAMS', 'No server has such a resource')
    caller.answer(withId(last, idOf(caller.request)))
  }

  private async complete(caller: Caller): Promise<void> {
    const ref = textsIn(caller.request, 'ref', ['type', 'name', 'uri'])
    const prompt = ref['type']?.text === 'ref/prompt' ? ref['name'] : undefined
    if (typeof prompt?.text === 'string') {
      const { server, name } = await this.target(caller, prompt.text, 'prompts/list', 'prompts')
      return caller.relay(server, [{ span: prompt.span, bytes: JSON.stringify(name) }])
    }
    const uri = ref['uri']?.text ?? ''
    await this.ownerOf(caller, uri)
    const owner = caller.routes.ofTemplate(uri) ?? caller.routes.find(uri)
    if (owner === null) throw new McpoError('INVALID_PARAMS', 'params.ref names no prompt or resource of any server')
    await caller.relay(this.catalog.upstreams.get(owner), [])
  }

  private async readAll(caller: Caller, server: UpstreamServer, method: string, key: ListKey): Promise<void> {
    let cursor: string | null = null
    for (let count = 0; count < maxPages; count += 1) {
      const page: Page = await this.page(caller, method, key, { server: server.name, cursor })
      cursor = page.list.nextCursor
      if (cursor === null) return
    }
  }
}

const byUri = new Set(['resources/read', 'resources/subscribe', 'resources/unsubscribe'])
