import type { Instance } from '../../../upstream/instance.ts'
import type { Pool } from '../../../upstream/pool.ts'

/**
 * One copy of a server that runs ahead of its use and knows no client yet, so that it suits any: a first call then waits for
 * `initialize`, and not for a process to start. Not for a server with little room, nor for one that does not wait patiently.
 */
export class SpareCopy {
  private readonly pool: Pool
  /** Null inside: it did not start, which the pool has counted. Whoever needs a copy next is told why. */
  private started: Promise<Instance | null> | null = null
  private isUnfit = false

  constructor(pool: Pool) {
    this.pool = pool
  }

  /** A copy for the caller alone: the spare one, which may still be starting, or a new one. Another is started ahead. */
  async take(): Promise<Instance> {
    const ahead = this.started
    this.started = null
    // A new one has its place before the next spare one looks for room.
    const begun = ahead ?? this.pool.start()
    this.prepare()
    const instance = await begun
    if (instance?.alive !== true) return this.pool.start()
    this.pool.idle.take(instance)
    return instance
  }

  /** Starts one in the background, unless there is one. It ends when its place is needed, or when it is not used for a while. */
  prepare(): void {
    const { settings, size, restMs } = this.pool
    // Where sharing is written there are to be few, and the last place is for who needs it now.
    const isWanted = settings.type === 'stdio' && (settings.sharing === 'auto' || settings.sharing === 'session')
    if (!isWanted || size + 1 >= settings.maxInstances || restMs > 0) return
    if (this.isUnfit || this.started !== null) return
    const started = this.pool.start().catch(() => null)
    this.started = started
    void started.then((instance) => this.keep(started, instance))
  }

  private keep(started: Promise<Instance | null>, instance: Instance | null): void {
    if (this.started !== started) return
    if (instance === null) {
      this.started = null
      return
    }
    this.pool.idle.add(instance)
    void instance.closed.then(() => {
      if (this.started !== started) return
      this.started = null
      this.isUnfit = !instance.stopRequested
    })
  }
}
