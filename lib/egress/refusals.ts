/** What a server is refused, told once for each destination and reason, and then as a count each ten seconds. */
import type { Way } from './destination.ts'

export interface RefusedDestination {
  /** `example.org:443`; of a name that was only looked up, without a port. */
  readonly where: string
  readonly way: Way
  readonly why: string
  /** The line that would allow it. */
  readonly line: string | null
}

export type TellRefused = (refused: RefusedDestination, count: number) => void

const pauseMs = 10_000
const maxKinds = 512
const others: RefusedDestination = {
  where: 'more destinations',
  way: 'connect',
  why: `${maxKinds} different ones were told already`,
  line: null,
}

export class Refusals {
  readonly #tell: TellRefused
  readonly #counts = new Map<string, { readonly refused: RefusedDestination; count: number }>()
  #timer: NodeJS.Timeout | undefined

  constructor(tell: TellRefused) {
    this.#tell = tell
  }

  add(refused: RefusedDestination): void {
    const key = `${refused.where} ${refused.why}`
    const known = this.#counts.get(key)
    if (known !== undefined) known.count++
    else if (this.#counts.size < maxKinds) this.#first(key, refused)
    else this.#addOther()
    this.#timer ??= setInterval(() => this.#tellCounts(), pauseMs).unref()
  }

  /** Tells the rest. */
  end(): void {
    clearInterval(this.#timer)
    this.#tellCounts()
  }

  #first(key: string, refused: RefusedDestination): void {
    this.#counts.set(key, { refused, count: 0 })
    this.#tell(refused, 1)
  }

  #addOther(): void {
    const known = this.#counts.get('')
    if (known === undefined) this.#first('', others)
    else known.count++
  }

  #tellCounts(): void {
    for (const each of this.#counts.values()) {
      if (each.count > 0) this.#tell(each.refused, each.count)
      each.count = 0
    }
  }
}
