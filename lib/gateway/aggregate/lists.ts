import { McpoError } from '../../errors.ts'
import type { ListKey } from '../../protocol/lists.ts'
import { requiredMembers } from '../../protocol/revisions/results.ts'
import type { Log } from '../../upstream/model.ts'
import type { UpstreamServer } from '../../upstream/server.ts'
import { idOf } from '../answers.ts'
import { offersList } from '../capabilities.ts'
import type { Catalog } from '../catalog.ts'
import { type CursorHolder, Cursors, fitting, type PageRef } from '../cursor.ts'
import { type MergeOptions, mergePages, type Page, pageOf } from '../merge.ts'
import { publicName } from '../names.ts'
import { ToolHeaders } from '../param-headers.ts'
import { smallParams } from '../params.ts'
import { TaskNames } from '../task-names.ts'
import type { Caller } from './caller.ts'
import { unavailableTail } from './unavailable.ts'

/** Pages of one server, and their bytes, that are read to find a name or a URI. */
const maxPages = 100
const maxPagesBytes = 64 * 1024 * 1024
/** Collisions that are told, each once. */
const maxTold = 1000

/** Where a list goes on, and the servers that nothing is known of. */
interface Wanted {
  readonly refs: readonly PageRef[]
  readonly missing: readonly string[]
}

/** What was read, and the servers that could not be. */
interface Pages {
  readonly pages: readonly Page[]
  readonly failed: readonly string[]
}

/** Lists of all servers as one, and what they teach about who has what. */
export class Lists {
  private readonly catalog: Catalog
  private readonly log: Log
  private readonly cursors = new Cursors()
  /** Collisions that the log has told. */
  private readonly told = new Set<string>()

  constructor(catalog: Catalog, log: Log) {
    this.catalog = catalog
    this.log = log
  }

  /** Answers a list request. */
  async list(caller: Caller, method: string, key: ListKey): Promise<void> {
    const holder = { principal: caller.principal.id, method }
    const { refs, missing } = await this.wanted(caller, key, holder)
    const { pages, failed } = await this.pages(caller, method, key, refs)
    this.learnUris(caller, key, pages)
    const merging: MergeOptions = {
      id: idOf(caller.request),
      key,
      tail: requiredTail(caller, method) + unavailableTail([...missing, ...failed]),
      nameOf: namesOf(caller, key),
      cursorFor: (refs) => this.cursorFor(refs, key, holder),
      onCollision: (server, name) => this.tell(server, key, name, 'listed twice: left out'),
    }
    caller.answer(mergePages(merging, pages))
  }

  private cursorFor(refs: readonly PageRef[], key: ListKey, holder: CursorHolder): string | null {
    const kept = fitting(refs)
    for (const ref of refs) {
      if (!kept.includes(ref)) this.tell(ref.server, key, 'nextCursor', 'too long: the rest of its list is left out')
    }
    return kept.length === 0 ? null : this.cursors.encode(kept, holder)
  }

  /** Reads a server's whole list, as far as it may be kept, so that what it has is known. */
  async readAll(caller: Caller, server: UpstreamServer, method: string, key: ListKey): Promise<Page[]> {
    const pages: Page[] = []
    let cursor: string | null = null
    let bytes = 0
    for (let count = 0; count < maxPages && bytes < maxPagesBytes; count += 1) {
      const page: Page = await this.page(caller, method, key, { server: server.name, cursor })
      pages.push(page)
      bytes += page.message.byteLength
      cursor = page.list.nextCursor
      if (cursor === null) break
    }
    return pages
  }

  /** Reads the resources and templates of every server, as far as they can be read. */
  async learnRoutes(caller: Caller): Promise<void> {
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

  /** The next page of each server that has one: of all servers at the start, of those in the cursor later. */
  private async wanted(caller: Caller, key: ListKey, holder: CursorHolder): Promise<Wanted> {
    const { cursor } = smallParams(caller.request)
    if (typeof cursor === 'string') return { refs: this.cursors.decode(cursor, holder), missing: [] }
    const known = await this.catalog.known()
    const offering = known.filter((one) => offersList(one, key))
    const refs = offering.map(({ server }) => ({ server: server.name, cursor: null }))
    return { refs, missing: this.catalog.missing(known) }
  }

  /** A server that fails is left out, named and logged: one bad server does not take the others' tools away. */
  private async pages(caller: Caller, method: string, key: ListKey, refs: readonly PageRef[]): Promise<Pages> {
    const failed: string[] = []
    const pages = await Promise.all(
      refs.map((ref) =>
        this.page(caller, method, key, ref).catch((error: Error) => {
          this.log.warn({ server: ref.server, method }, `left out of a list: ${error.message}`)
          failed.push(ref.server)
          return null
        }),
      ),
    )
    return { pages: pages.filter((page) => page !== null), failed: failed.sort() }
  }

  private async page(caller: Caller, method: string, key: ListKey, { server, cursor }: PageRef): Promise<Page> {
    const answer = await caller.ask(this.catalog.upstreams.get(server), method, cursor === null ? {} : { cursor })
    if (answer.isError) throw new McpoError('TRANSPORT_ERROR', `it answered ${answer.raw('error')?.slice(0, 300)}`)
    const page = pageOf(server, answer, key)
    if (key === 'tools') ToolHeaders.of(this.catalog.upstreams.get(server)).learn(page.list.elements)
    this.catalog.learn(server, key, textsOf(page))
    return page
  }

  /** In the order of the servers, whichever answered first: whose a shared URI is must not be left to chance. */
  private learnUris({ routes }: Caller, key: ListKey, pages: readonly Page[]): void {
    if (key !== 'resources' && key !== 'resourceTemplates') return
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
}

/** What every result of the caller's revision has, as JSON members. A merged list may differ per client and at any time. */
function requiredTail({ revision }: Caller, method: string): string {
  const members = JSON.stringify(requiredMembers(revision, method)).slice(1, -1)
  return members === '' ? '' : `,${members}`
}

/** How a caller sees what a server lists. */
function namesOf({ principal, routes }: Caller, key: ListKey): MergeOptions['nameOf'] {
  if (key === 'tools' || key === 'prompts') return publicName
  if (key === 'tasks') return (server, id) => new TaskNames(server, principal.id).shown(id)
  return (server, uri) => routes.shown(server, uri)
}

function textsOf(page: Page): string[] {
  return page.list.elements.map((element) => element.text)
}
