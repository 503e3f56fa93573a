import type { Message } from '../model.ts'
import { taskIdOf, tasksExtension } from '../tasks.ts'
import { newestModern, type Revision, revisions } from './index.ts'

/**
 * A request that another revision has and this one has not: a server that still knows it must not be reached by it. What no
 * revision has is not foreign: it is an extension's, or of a revision to come.
 */
export function isForeign(revision: Revision, method: string): boolean {
  return !has(revision, method) && revisions.some((other) => has(other, method))
}

/** The request may be answered with questions to its client. */
export function mayAsk(method: string): boolean {
  return newestModern.askingRequests.includes(method)
}

/**
 * What the header `Mcp-Name` repeats of a request; null: nothing. Throws INVALID_PARAMS for a request about a task that names two.
 */
export function nameOf({ http: { nameFields }, extensionRequests }: Revision, request: Message): string | null {
  const method = request.text('method') ?? ''
  const field = Object.hasOwn(nameFields, method) ? nameFields[method] : undefined
  if (field !== undefined) return request.text(field)
  const isAboutTask = extensionRequests[tasksExtension]?.includes(method) === true
  return isAboutTask ? (taskIdOf(request)?.text ?? null) : null
}

function has({ client, extensionRequests }: Revision, method: string): boolean {
  return client.requests.includes(method) || Object.values(extensionRequests).some((added) => added.includes(method))
}
