/** Waiting for what nobody tells of. */
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a loaded machine may take. No assertion: what is waited for comes, or the test has failed. */
const maxMs = 120_000

/** Looks until there is something: not undefined, null or false. Throws when it does not come to that. */
export async function until<T>(look: () => T | Promise<T>): Promise<Exclude<T, undefined | null | false>> {
  for (const end = performance.now() + maxMs; performance.now() < end; await sleep(5)) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found as Exclude<T, undefined | null | false>
  }
  throw new Error(`it did not come to that: ${look}`)
}
