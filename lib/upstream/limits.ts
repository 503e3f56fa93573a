import { hitInWords } from '../sandbox/hit.ts'
import type { LimitHit, SandboxedChild } from '../sandbox/model.ts'
import type { Log } from './model.ts'

/** A warning for each limit that a server runs into, as an event with its facts: while it lives, and when it ended of it. */
export function tellLimits(log: Log, server: string, child: SandboxedChild): void {
  const told = new Map<LimitHit['limit'], number>()
  const tell = (hit: LimitHit): void => {
    if (told.get(hit.limit) === hit.times) return
    told.set(hit.limit, hit.times)
    log.warn({ event: 'limit', server, child: child.pid, ...hit }, `server "${server}" ${hitInWords(hit)}`)
  }
  child.onHit?.(tell)
  void child.exited.then(({ hits = [] }) => hits.forEach(tell))
}
