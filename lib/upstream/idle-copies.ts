import { setTimeout as delay } from 'node:timers/promises'
import type { Instance } from './instance.ts'

/** A copy that nobody used for this long is ended. */
export const maxIdleMs = 5 * 60_000

interface Idle {
  readonly timer: NodeJS.Timeout
  /** Until then it does not make room for another. */
  readonly keptUntil: number
}

/** Copies that run and wait for their next use, the longest idle first. */
export class IdleCopies {
  private readonly copies = new Map<Instance, Idle>()
  private readonly idleMs: number

  constructor(idleMs = maxIdleMs) {
    this.idleMs = idleMs
  }

  /** `graceMs`: somebody may be about to use it, so it does not make room for another at once. */
  add(instance: Instance, graceMs = 0): void {
    this.take(instance)
    if (!instance.alive) return
    const end = () => void this.end(instance, 'was not used for a while')
    const timer = setTimeout(end, this.idleMs).unref()
    this.copies.set(instance, { timer, keptUntil: performance.now() + graceMs })
  }

  /** It is in use again. */
  take(instance: Instance): void {
    clearTimeout(this.copies.get(instance)?.timer)
    this.copies.delete(instance)
  }

  has(instance: Instance): boolean {
    return this.copies.has(instance)
  }

  /**
   * Ends the one that has been idle longest, to make room, or waits until one may be ended. False when there is none that may
   * before `latestMs` (as `performance.now` has it).
   */
  async evict(latestMs: number): Promise<boolean> {
    const [oldest] = [...this.copies].sort(([, one], [, other]) => one.keptUntil - other.keptUntil)
    if (oldest === undefined) return false
    const [instance, { keptUntil }] = oldest
    if (keptUntil > latestMs) return false
    const waitMs = Math.ceil(keptUntil - performance.now())
    if (waitMs > 0) await delay(waitMs, undefined, { ref: false })
    else await this.end(instance, 'made room for another copy')
    return true
  }

  private async end(instance: Instance, reason: string): Promise<void> {
    this.take(instance)
    if (instance.alive) await instance.stop(reason)
    await instance.closed
  }
}
