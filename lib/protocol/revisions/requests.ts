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

function has({ client, extensionRequests }: Revision, method: string): boolean {
  return client.requests.includes(method) || Object.values(extensionRequests).some((added) => added.includes(method))
}
