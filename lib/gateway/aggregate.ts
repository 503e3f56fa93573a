import { isAboutTask } from '../protocol/tasks.ts'
import type { Log } from '../upstream/model.ts'
import { ByName } from './aggregate/by-name.ts'
import { ByUri, methodsByUri } from './aggregate/by-uri.ts'
import type { Caller } from './aggregate/caller.ts'
import { Completion } from './aggregate/completion.ts'
import { Lists } from './aggregate/lists.ts'
import { Tasks } from './aggregate/tasks.ts'
import type { Catalog } from './catalog.ts'
import { listMethods } from './merge.ts'

/** `/mcp`: all servers as one. Lists are merged, calls go to the server that has what they name. */
export class Aggregate {
  private readonly lists: Lists
  private readonly byName: ByName
  private readonly byUri: ByUri
  private readonly completion: Completion
  private readonly tasks: Tasks

  constructor(catalog: Catalog, log: Log) {
    this.lists = new Lists(catalog, log)
    this.byName = new ByName(catalog, this.lists)
    this.byUri = new ByUri(catalog, this.lists)
    this.completion = new Completion(this.byName, this.byUri)
    this.tasks = new Tasks(catalog)
  }

  /** Serves a request that both eras know; false when it is none. Throws a McpoError that answers it. */
  async serve(caller: Caller): Promise<boolean> {
    const method = caller.request.text('method') ?? ''
    const key = Object.hasOwn(listMethods, method) ? listMethods[method] : undefined
    if (key !== undefined) await this.lists.list(caller, method, key)
    else if (method === 'tools/call') await this.byName.call(caller, 'tools')
    else if (method === 'prompts/get') await this.byName.call(caller, 'prompts')
    else if (methodsByUri.has(method)) await this.byUri.call(caller)
    else if (method === 'completion/complete') await this.completion.call(caller)
    else if (isAboutTask(method)) await this.tasks.call(caller)
    else return false
    return true
  }

  /** Learns whose these URIs are, as far as lists can tell. */
  async learnResources(caller: Caller, uris: readonly string[]): Promise<void> {
    for (const uri of uris) await this.byUri.find(caller, uri)
  }
}
