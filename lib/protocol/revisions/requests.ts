import type { Field } from '../model.ts'
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

/** The field that the header `Mcp-Name` repeats; null: there is no such header for this method. */
export function nameFieldOf({ http: { nameFields } }: Revision, method: string): Field | null {
  return Object.hasOwn(nameFields, method) ? (nameFields[method] ?? null) : null
}

function has({ client, extensionRequests }: Revision, method: string): boolean {
  return client.requests.includes(method) || Object.values(extensionRequests).some((added) => added.includes(method))
}
