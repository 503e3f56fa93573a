import { McpoError } from '../errors.ts'
import type { Opened } from './connection.ts'
import type { PoolOptions } from './pool.ts'
import { StdioConnection } from './stdio.ts'

/** Starts one copy of a server, in the way that its settings say. Rejects with a McpoError. */
export async function startCopy({ settings, start, limits, scan, counters }: PoolOptions): Promise<Opened> {
  if (settings.type !== 'stdio') throw new McpoError('INTERNAL_ERROR', 'Remote servers cannot be reached yet')
  const child = await start(settings)
  const options = { server: settings.name, scan, counters, maxMessageBytes: limits.maxMessageBytes }
  return {
    connect: (events) => new StdioConnection(child, options, events),
    discard: () => child.kill(),
  }
}
