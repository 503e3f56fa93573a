import type { Revision } from './model.ts'

/** The members that a result of this request must have, with what they say when nothing better is known. */
export function requiredMembers({ results }: Revision, method: string): Readonly<Record<string, string | number>> {
  return results.cachedRequests.includes(method) ? { ...results.always, ...results.cached } : results.always
}
