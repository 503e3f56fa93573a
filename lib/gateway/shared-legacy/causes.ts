/**
 * Who may have caused what a legacy server says by itself, which does not tell. The server may be at work on every request that
 * it has not answered, also after nobody waits for the answer any more.
 */
export class Causes<Who> {
  private readonly byRequest = new Map<number, Who>()
  private readonly counts = new Map<Who, number>()

  /** Requests without an answer. */
  get size(): number {
    return this.byRequest.size
  }

  begin(request: number, who: Who): void {
    this.byRequest.set(request, who)
    this.counts.set(who, (this.counts.get(who) ?? 0) + 1)
  }

  /** The server answered it. */
  end(request: number): void {
    const who = this.byRequest.get(request)
    if (who === undefined || !this.byRequest.delete(request)) return
    const count = (this.counts.get(who) ?? 0) - 1
    if (count > 0) this.counts.set(who, count)
    else this.counts.delete(who)
  }

  /** Whose request it is; null when it was answered. */
  of(request: number): Who | null {
    return this.byRequest.get(request) ?? null
  }

  /** The one of those present who alone can be the cause; null when it may be another, or one who is gone. */
  only(present: ReadonlySet<Who>): Who | null {
    const suspects = this.counts.size > 0 ? [...this.counts.keys()] : [...present]
    const [one] = suspects
    return suspects.length === 1 && one !== undefined && present.has(one) ? one : null
  }
}
