import type { Principal } from '../auth/model.ts'
import { McpoError } from '../errors.ts'
import { contentUris } from '../protocol/contents.ts'
import type { ListKey } from '../protocol/lists.ts'
import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { Log, Outgoing } from '../upstream/model.ts'
import { withId } from '../upstream/outgoing.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import { idOf } from './answers.ts'
import type { Catalog, Target } from './catalog.ts'
import { type CursorHolder, Cursors, type PageRef } from './cursor.ts'
import { capabilityOf, listMethods, type MergeOptions, mergePages, type Page, pageOf } from './merge.ts'
import { publicName } from './names.ts'
import { ToolHeaders } from './param-headers.ts'
import { smallParams, textsIn } from './params.ts'
import type { ResourceRoutes, ResourceTarget } from './resource-routes.ts'

export type AnswerEdits = (answer: Message) => readonly Edit[]

/** How one client, of either era, reaches the servers behind the aggregate. */
export interface Caller {
  readonly principal: Principal
  readonly request: Message
  readonly routes: ResourceRoutes
  /** JSON members that a merged list must end with. */
  readonly listTail: string
  /** Sends the client's request on and lets the server answer it; `answerEdits` are made to its answer. */
  relay(server: UpstreamServer, edits: readonly Edit[], answerEdits?: AnswerEdits): Promise<void>
  /** Asks a server in the client's name; resolves with an error answer, too. `params` without `_meta`. */
  ask(server: UpstreamServer, method: string, params: Record<string, unknown>): Promise<Message>
  answer(answer: Outgoing): void
  /** Throws what keeps the call of a server's tool from being sent. */
  ensureCall?(server: UpstreamServer, tool: string): Promise<void>
}

/** Pages of one server that are read to find a name or a URI. */
const maxPages = 100
/** Collisions that are told, each once. */
const maxTold = 1000

/** `/mcp`: all servers as one. Lists are merged, calls go to the server that has what they name. */
export class Aggregate {
  private readonly catalog: Catalog
  private readonly log: Log
  private readonly cursors = new Cursors()
  /** Collisions that the log has told. */
  private readonly told = new Set<string>()

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
    const holder = { principal: caller.principal.id, method }
    const pages = await this.pages(caller, method, key, await this.wanted(caller, key, holder))
    this.learnUris(caller, key, pages)
    const isNamed = key === 'tools' || key === 'prompts'
    const merging: MergeOptions = {
      id: idOf(caller.request),
      key,
      tail: caller.listTail,
      nameOf: isNamed ? publicName : (server, uri) => caller.routes.shown(server, uri),
      cursorFor: (refs) => this.cursors.encode(refs, holder),
      onCollision: (server, name) => this.tell(server, key, name, 'listed twice: left out'),
    }
    caller.answer(mergePages(merging, pages))
  }

  /** The next page of each server that has one: of all servers at the start, of those in the cursor later. */
  private async wanted(caller: Caller, key: ListKey, holder: CursorHolder): Promise<PageRef[]> {
    const { cursor } = smallParams(caller.request)
    if (typeof cursor === 'string') return this.cursors.decode(cursor, holder)
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
    this.catalog.learn(server, key, textsOf(page))
    return page
  }

  /** In the order of the servers, whichever answered first: whose a shared URI is must not be left to chance. */
  private learnUris({ routes }: Caller, key: ListKey, pages: readonly Page[]): void {
    if (key === 'tools' || key === 'prompts') return
    for (const page of pages) {
      for (const text of textsOf(page)) {
        const { server } = page
        const isOwn = key === 'resources' ? routes.addUri(server, text) : routes.addTemplate(server, text)
        if (!isOwn)
          this.tell(server, key, text, `listed by another server, too: shown as ${routes.shown(server, text)}`)
      }
    }
  }

  private tell(server: string, list: ListKey, name: string, text: string): void {
    const key = JSON.stringify([server, list, name])
    if (this.told.has(key) || this.told.size >= maxTold) return
    this.told.add(key)
    this.log.warn({ server, list, name: name.slice(0, 500) }, text.slice(0, 500))
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
    const target = await this.targetOf(caller, uri)
    const server = target === null ? undefined : this.catalog.upstreams.find(target.server)
    if (target === null || server === undefined) return this.askAround(caller, method)
    if (target.uri === uri) return caller.relay(server, [])
    await caller.relay(server, uriEdits(caller.request, target.uri), (answer) =>
      contentUris(answer).map((found) => ({
        span: found.span,
        bytes: JSON.stringify(caller.routes.shown(target.server, found.uri)),
      })),
    )
  }

  private async targetOf(caller: Caller, uri: string): Promise<ResourceTarget | null> {
    const { routes } = caller
    if (routes.find(uri) === null && !routes.complete) await this.learnRoutes(caller)
    return routes.find(uri)
  }

  private async learnRoutes(caller: Caller): Promise<void> {
    const servers = await this.catalog.having('resources')
    await Promise.all(
      (['resources', 'resourceTemplates'] as const).map(async (key) => {
        const method = key === 'resources' ? 'resources/list' : 'resources/templates/list'
        const read = await Promise.all(
          servers.map((server) => this.readAll(caller, server, method, key).catch(() => [])),
        )
        this.learnUris(caller, key, read.flat())
      }),
    )
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
    const located = ref['uri']
    const uri = located?.text ?? ''
    await this.targetOf(caller, uri)
    const target = caller.routes.ofTemplate(uri) ?? caller.routes.find(uri)
    const server = target === null ? undefined : this.catalog.upstreams.find(target.server)
    if (target === null || server === undefined || located === undefined) {
      throw new McpoError('INVALID_PARAMS', 'params.ref names no prompt or resource of any server')
    }
    const edits = target.uri === uri ? [] : [{ span: located.span, bytes: JSON.stringify(target.uri) }]
    await caller.relay(server, edits)
  }

  private async readAll(caller: Caller, server: UpstreamServer, method: string, key: ListKey): Promise<Page[]> {
    const pages: Page[] = []
    let cursor: string | null = null
    for (let count = 0; count < maxPages; count += 1) {
      const page: Page = await this.page(caller, method, key, { server: server.name, cursor })
      pages.push(page)
      cursor = page.list.nextCursor
      if (cursor === null) break
    }
    return pages
  }
}

const byUri = new Set(['resources/read', 'resources/subscribe', 'resources/unsubscribe'])

function textsOf(page: Page): string[] {
  return page.list.elements.map((element) => element.text)
}

function uriEdits(request: Message, uri: string): Edit[] {
  const span = request.span('params.uri')
  return span === null ? [] : [{ span, bytes: JSON.stringify(uri) }]
}
