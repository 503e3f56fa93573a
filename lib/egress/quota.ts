/** How much of the gateway one server may take for its connections, so that those of others have room. */
import { Turns } from './turns.ts'

const defaults = { connections: 512, dials: 64, lookups: 4, waitingLookups: 64 }

export class Quota {
  /** Half-open connections. They are bounded by the open ones, and so is who waits. */
  readonly dials: Turns
  /**
   * Names being looked up, which is the system's work: each takes a thread, for as long as a name server lets it wait, and all servers share
   * a few of them. Whoever has given up waiting still has its turn.
   */
  readonly lookups: Turns
  readonly #most: number
  #connections = 0

  constructor({ connections, dials, lookups, waitingLookups } = defaults) {
    this.#most = connections
    this.dials = new Turns(dials)
    this.lookups = new Turns(lookups, waitingLookups)
  }

  get connections(): number {
    return this.#connections
  }

  /** `null` when there are too many. To be called once, when the connection has ended. */
  enter(): (() => void) | null {
    if (this.#connections >= this.#most) return null
    this.#connections++
    return () => {
      this.#connections--
    }
  }
}
