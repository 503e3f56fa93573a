/**
 * A server that asks several things at once writes one request after the other, and they may be read one by one: so many
 * milliseconds without another make them complete. A client has to come back for every round, which takes it longer than
 * this. A server that never stops asking is cut short.
 */
export const quietMs = 25
export const maxGatherMs = 100

/** What a gathering knows of time. */
export interface Clock {
  now(): number
  /** Returns what takes the call back. */
  callAfter(ms: number, call: () => void): () => void
}

const systemClock: Clock = {
  now: () => performance.now(),
  callAfter(ms, call) {
    const timer = setTimeout(call, ms).unref()
    return () => clearTimeout(timer)
  },
}

/** Waits until things that come one after the other are complete, as far as one can tell. */
export class Gathering {
  private readonly onComplete: () => void
  private readonly clock: Clock
  private stopTimer: (() => void) | null = null
  private untilMs = 0

  constructor(onComplete: () => void, clock = systemClock) {
    this.onComplete = onComplete
    this.clock = clock
  }

  /** One more has come. */
  add(): void {
    const now = this.clock.now()
    if (this.stopTimer === null) this.untilMs = now + maxGatherMs
    this.stop()
    this.stopTimer = this.clock.callAfter(Math.min(quietMs, this.untilMs - now), () => {
      this.stopTimer = null
      this.onComplete()
    })
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.stopTimer?.()
    this.stopTimer = null
  }
}
