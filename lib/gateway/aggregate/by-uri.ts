import { errorTable, McpoError } from '../../errors.ts'
import type { Edit } from '../../protocol/message.ts'
import type { Outgoing } from '../../upstream/model.ts'
import type { UpstreamServer } from '../../upstream/server.ts'
import type { Catalog } from '../catalog.ts'
import type { ResourceTarget } from '../resource-routes.ts'
import type { Caller } from './caller.ts'
import { contentRenaming } from './links.ts'
import type { Lists } from './lists.ts'

/** The methods whose `params.uri` says whose they are. All can be asked twice without harm. */
export const methodsByUri: ReadonlySet<string> = new Set([
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
])

/** Calls to the server that has a resource. */
export class ByUri {
  private readonly catalog: Catalog
  private readonly lists: Lists

  constructor(catalog: Catalog, lists: Lists) {
    this.catalog = catalog
    this.lists = lists
  }

  async call(caller: Caller): Promise<void> {
    const { request, routes } = caller
    const span = request.span('params.uri')
    const uri = request.text('params.uri')
    if (span === null || uri === null) throw new McpoError('INVALID_PARAMS', 'params.uri must be a string')
    const target = await this.find(caller, uri)
    if (target === null) return this.askAround(caller, uri)
    const server = this.serverOf(target)
    if (server === undefined) throw noSuchResource(caller)
    const edits: Edit[] = target.uri === uri ? [] : [{ span, bytes: JSON.stringify(target.uri) }]
    await caller.relay(server, { edits, renamings: [contentRenaming(routes, server.name)] })
  }

  /** Null: no list says whose it is. */
  async find(caller: Caller, uri: string): Promise<ResourceTarget | null> {
    const { routes } = caller
    if (routes.find(uri) === null && !routes.complete) await this.lists.learnRoutes(caller)
    return routes.find(uri)
  }

  /** Undefined for an alias that names no server. */
  serverOf(target: ResourceTarget): UpstreamServer | undefined {
    return this.catalog.upstreams.find(target.server)
  }

  /** Nobody lists it: one server after the other is asked as the client asked, and the first that knows it answers. */
  private async askAround(caller: Caller, uri: string): Promise<void> {
    let refusal: Outgoing | null = null
    for (const server of await this.catalog.having('resources')) {
      const { routes } = caller
      refusal = await caller.attempt(server, {
        onResult: () => routes.linked(server.name, uri),
        renamings: [contentRenaming(routes, server.name)],
      })
      if (refusal === null) return
    }
    if (refusal === null) throw noSuchResource(caller)
    caller.answer(refusal)
  }
}

function noSuchResource({ revision }: Caller): McpoError {
  const code = revision.unknownResource === errorTable.INVALID_PARAMS.rpc ? 'INVALID_PARAMS' : 'RESOURCE_NOT_FOUND'
  return new McpoError(code, 'No server has such a resource', { hint: 'Use a URI from resources/list.' })
}
