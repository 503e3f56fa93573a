import { McpoError } from '../../errors.ts'
import type { Catalog, Target } from '../catalog.ts'
import type { Caller } from './caller.ts'
import { linkRenaming } from './links.ts'
import type { Lists } from './lists.ts'

/** What has public names, and the list that holds them. */
export type Named = 'tools' | 'prompts'

/** Calls to the server whose name the tool's or prompt's begins with. */
export class ByName {
  private readonly catalog: Catalog
  private readonly lists: Lists

  constructor(catalog: Catalog, lists: Lists) {
    this.catalog = catalog
    this.lists = lists
  }

  async call(caller: Caller, key: Named): Promise<void> {
    const { request, routes } = caller
    const span = request.span('params.name')
    const name = request.text('params.name')
    if (span === null || name === null) throw new McpoError('INVALID_PARAMS', 'params.name must be a string')
    const { server, name: real } = await this.find(caller, name, key)
    if (key === 'tools') await caller.ensureCall?.(server, real ?? name)
    const edits = [{ span, bytes: JSON.stringify(real) }]
    await caller.relay(server, { edits, renamings: [linkRenaming(routes, server.name)] })
  }

  /** Throws INVALID_PARAMS for a name that no server has. */
  async find(caller: Caller, name: string, key: Named): Promise<Target> {
    const target = this.catalog.resolve(name)
    const method = `${key}/list`
    if (target !== null && target.name === null) await this.lists.readAll(caller, target.server, method, key)
    const found = this.catalog.resolve(name)
    if (found !== null && found.name !== null) return found
    throw new McpoError('INVALID_PARAMS', `Unknown name: ${name.slice(0, 200)}`, {
      hint: `Use a name from ${method}.`,
    })
  }
}
