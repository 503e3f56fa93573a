/** A turn that took less is nothing to speak of. */
const noticedMs = 5
const maxRestMs = 100

interface Source {
  pause(): void
  resume(): void
}

/**
 * Stands before what a server writes. It is shut while its owner holds it; and after a turn that took long, for as long as that took:
 * a server that writes without end gets half of the gateway's time, and the others the other half.
 */
export class Valve {
  private readonly source: Source
  private isHeld = false
  private rest: NodeJS.Timeout | null = null

  constructor(source: Source) {
    this.source = source
  }

  pause(): void {
    this.isHeld = true
    this.source.pause()
  }

  resume(): void {
    this.isHeld = false
    if (this.rest === null) this.source.resume()
  }

  /** Handles what came. */
  turn(handle: () => void): void {
    const startedAt = performance.now()
    handle()
    const tookMs = performance.now() - startedAt
    if (tookMs < noticedMs || this.rest !== null) return
    this.source.pause()
    this.rest = setTimeout(() => this.rested(), Math.min(maxRestMs, tookMs))
  }

  private rested(): void {
    this.rest = null
    if (!this.isHeld) this.source.resume()
  }
}
