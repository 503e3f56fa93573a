import type { Instance } from '../../../upstream/instance.ts'
import type { Pool } from '../../../upstream/pool.ts'

/**
 * One copy of a server that runs ahead of its use and knows no client yet, so that it suits any: a first call then waits for
 * `initialize`, and not for a process to start. Not for a server with little room, nor for one that does not wait patiently.
 */
export class SpareCopy {
  private readonly pool: Pool
  private instance: Instance | null = null
  private isStarting = false
  private isUnfit = false

  constructor(pool: Pool) {
    this.pool = pool
  }

  /** The copy, for the caller alone; null when there is none. */
  take(): Instance | null {
    const { instance } = this
    if (instance?.alive !== true) return null
    this.instance = null
    this.pool.idle.take(instance)
    return instance
  }

  /** Starts one in the background, unless there is one. It ends when its place is needed, or when it is not used for a while. */
  prepare(): void {
    const { settings, size, restMs } = this.pool
    // Where sharing is written there are to be few, and the last place is for who needs it now.
    const isWanted = settings.type === 'stdio' && (settings.sharing === 'auto' || settings.sharing === 'session')
    if (!isWanted || size + 1 >= settings.maxInstances || restMs > 0) return
    if (this.isStarting || this.isUnfit || this.instance?.alive === true) return
    this.isStarting = true
    this.pool
      .start()
      .then((instance) => this.keep(instance))
      // The pool has counted the failure, and whoever needs a copy next is told of it.
      .catch(() => {})
      .finally(() => {
        this.isStarting = false
      })
  }

  private keep(instance: Instance): void {
    this.instance = instance
    this.pool.idle.add(instance)
    void instance.closed.then(() => {
      if (this.instance === instance && !instance.stopRequested) this.isUnfit = true
    })
  }
}
