/** How much of the gateway one server may take for its connections, so that those of others have room. */
const defaults = { connections: 512, dials: 64 }

export class Quota {
  readonly #most: typeof defaults
  readonly #waiting: (() => void)[] = []
  #connections = 0
  #dials = 0

  constructor(most = defaults) {
    this.#most = most
  }

  get connections(): number {
    return this.#connections
  }

  /** `null` when there are too many. To be called once, when the connection has ended. */
  enter(): (() => void) | null {
    if (this.#connections >= this.#most.connections) return null
    this.#connections++
    return () => {
      this.#connections--
    }
  }

  /** Half-open connections take turns. They are bounded by the open ones, and so is who waits. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dials >= this.#most.dials) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#dials++
    try {
      return await work()
    } finally {
      // Handed on, or given back.
      const next = this.#waiting.shift()
      if (next === undefined) this.#dials--
      else next()
    }
  }
}
