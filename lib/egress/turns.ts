/** Work of one kind: so much of it at once, the rest in turn, and none beyond that. */
import { McpoError } from '../errors.ts'

export class Turns {
  readonly #atOnce: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number, mostWaiting = Number.POSITIVE_INFINITY) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
  }

  /** Rejects with TOO_MANY, without a try, when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running++
    else if (this.#waiting.length < this.#mostWaiting) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else throw new McpoError('TOO_MANY', `${this.#mostWaiting} wait already`)
    try {
      return await work()
    } finally {
      // Handed on, or given back.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
