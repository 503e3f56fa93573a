import type { Instance } from './instance.ts'

/** A copy that nobody used for this long is ended. */
const maxIdleMs = 5 * 60_000

/** Copies that run and wait for their next use, the longest idle first. */
export class IdleCopies {
  private readonly timers = new Map<Instance, NodeJS.Timeout>()

  add(instance: Instance): void {
    if (!instance.alive) return
    const end = () => void this.end(instance, 'was not used for a while')
    this.timers.set(instance, setTimeout(end, maxIdleMs).unref())
  }

  /** It is in use again. */
  take(instance: Instance): void {
    clearTimeout(this.timers.get(instance))
    this.timers.delete(instance)
  }

  /** Ends the one that has been idle longest, to make room; false when there is none. */
  async evict(): Promise<boolean> {
    const [oldest] = this.timers.keys()
    if (oldest !== undefined) await this.end(oldest, 'made room for another copy')
    return oldest !== undefined
  }

  private async end(instance: Instance, reason: string): Promise<void> {
    this.take(instance)
    if (instance.alive) await instance.stop(reason)
    await instance.closed
  }
}
