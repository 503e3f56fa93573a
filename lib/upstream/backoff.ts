const firstDelayMs = 250
const maxDelayMs = 30_000
/** An instance that lived this long was not a failed start. */
export const stableAfterMs = 10_000

/** How long to wait before a server that keeps failing is started again. Doubles from 250 ms to 30 s. */
export class Backoff {
  private failures = 0
  private notBefore = 0
  private readonly now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.now = now
  }

  /** Milliseconds until a start is allowed again; 0: now. */
  get waitMs(): number {
    return Math.max(0, Math.ceil(this.notBefore - this.now()))
  }

  get failuresInARow(): number {
    return this.failures
  }

  failed(): void {
    this.failures += 1
    this.notBefore = this.now() + Math.min(maxDelayMs, firstDelayMs * 2 ** (this.failures - 1))
  }

  succeeded(): void {
    this.failures = 0
    this.notBefore = 0
  }
}
