/** At most so many a second, of things that a stranger can cause without end. */
export class Quota {
  private readonly perSecond: number
  private windowStart = 0
  private inWindow = 0
  private refused = 0

  constructor(perSecond: number) {
    this.perSecond = perSecond
  }

  /** `leftOut`: how many were refused in the second before; told once. */
  admit(): { readonly admitted: boolean; readonly leftOut: number } {
    const now = performance.now()
    const leftOut = now - this.windowStart >= 1000 ? this.renew(now) : 0
    this.inWindow += 1
    const admitted = this.inWindow <= this.perSecond
    if (!admitted) this.refused += 1
    return { admitted, leftOut }
  }

  private renew(now: number): number {
    const leftOut = this.refused
    this.windowStart = now
    this.inWindow = 0
    this.refused = 0
    return leftOut
  }
}
