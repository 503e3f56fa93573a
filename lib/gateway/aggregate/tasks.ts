import { linkPaths, taskLinkPaths } from '../../protocol/contents.ts'
import { taskIdOf } from '../../protocol/tasks.ts'
import type { Catalog } from '../catalog.ts'
import { findTask, unknownTask } from '../task-names.ts'
import type { Caller } from './caller.ts'

/** Requests about a task: to the server that its id leads to. */
export class Tasks {
  private readonly catalog: Catalog

  constructor(catalog: Catalog) {
    this.catalog = catalog
  }

  /** Throws INVALID_PARAMS for a task that is not this principal's. */
  async call(caller: Caller): Promise<void> {
    const { request, principal, routes } = caller
    const task = findTask(principal.id, taskIdOf(request)?.text ?? '')
    const server = task === null ? undefined : this.catalog.upstreams.find(task.server)
    if (server === undefined) throw unknownTask()
    const shown = (uri: string) => routes.linked(server.name, uri)
    await caller.relay(server, { renamings: [{ paths: [...linkPaths, ...taskLinkPaths], shown }] })
  }
}
