import { isInRange } from '../policy/addresses.ts'
import { nameRange } from '../policy/network/compile.ts'
import type { Destination } from './destination.ts'

export const answerTtlSeconds = 60

const firstAddress = inNumbers(nameRange.address)
/** Without the first and the last of the range. */
const maxNames = 2 ** (32 - nameRange.bits) - 2
/** A program may keep an answer longer than it should. */
const keptMs = 10 * 60_000

interface Given {
  readonly address: number
  givenAtMs: number
}

/**
 * Names that a server has looked up, each at an address of its own (`nameRange`): who connects to that says so which name is meant.
 * Old ones are forgotten for new ones, but none that was given out within the time that an answer may be kept.
 */
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
    return this.#byAddress.get(inNumbers(address)) ?? null
  }

  /** Where somebody wants to go who may have looked it up before; `null`: an address of ours that stands for no name. */
  meant(destination: Destination): Destination | null {
    const { host, port } = destination
    if (host.kind === 'name' || !isInRange(host.name, nameRange.address, nameRange.bits)) return destination
    const name = this.nameOf(host.name)
    return name === null ? null : { host: { kind: 'name', name }, port }
  }

  #freeAddress(): number | null {
    if (this.#byName.size < maxNames) return firstAddress + 1 + this.#byName.size
    const [oldest] = this.#byName
    if (oldest === undefined || this.#now() - oldest[1].givenAtMs < keptMs) return null
    this.#byName.delete(oldest[0])
    return oldest[1].address
  }
}

function inNumbers(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
}

function inWords(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
}
