/**
 * Names that a server has looked up, each at a loopback address of its own (127.64.0.0/10): who connects to that says so which name is
 * meant. Old ones are forgotten for new ones, but none that was given out within the time that an answer may be kept.
 */
export const answerTtlSeconds = 60

const firstAddress = ((127 << 24) | (64 << 16)) >>> 0
const maxNames = 16_384
/** A program may keep an answer longer than it should. */
const keptMs = 10 * 60_000

interface Given {
  readonly address: number
  givenAtMs: number
}

export class NameAddresses {
  readonly #now: () => number
  /** In the order in which they were last given. */
  readonly #byName = new Map<string, Given>()
  readonly #byAddress = new Map<number, string>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** `null`: too many names in too short a time. */
  addressOf(name: string): string | null {
    const known = this.#byName.get(name)
    const address = known?.address ?? this.#freeAddress()
    if (address === null) return null
    this.#byName.delete(name)
    this.#byName.set(name, { address, givenAtMs: this.#now() })
    this.#byAddress.set(address, name)
    return inWords(address)
  }

  /** `null`: no name has it. */
  nameOf(address: string): string | null {
    const bytes = address.split('.').map(Number)
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    return this.#byAddress.get(number) ?? null
  }

  #freeAddress(): number | null {
    if (this.#byName.size < maxNames) return firstAddress + 1 + this.#byName.size
    const [oldest] = this.#byName
    if (oldest === undefined || this.#now() - oldest[1].givenAtMs < keptMs) return null
    this.#byName.delete(oldest[0])
    return oldest[1].address
  }
}

function inWords(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
}
