const everyMs = 15_000

/** What wants to be heard of now and then. */
interface Quiet {
  ping(): void
}

/** One timer for all open streams. It does not keep the process alive. */
export class KeepAlive {
  private readonly streams = new Set<Quiet>()
  private readonly timer: NodeJS.Timeout

  constructor() {
    this.timer = setInterval(() => this.tick(), everyMs).unref()
  }

  add(stream: Quiet): void {
    this.streams.add(stream)
  }

  remove(stream: Quiet): void {
    this.streams.delete(stream)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private tick(): void {
    for (const stream of this.streams) stream.ping()
  }
}
