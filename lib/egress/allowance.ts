/**
 * How much one server may send and get within 24 hours, all its copies together: whoever is started again does not begin anew. What it
 * is for: through a destination that is listed a server can put out whatever it can read, and this bounds how much.
 */
import type { Traffic } from './traffic.ts'

export type Direction = 'upload' | 'download'

export interface AllowedTraffic {
  readonly uploadMb: number
  readonly downloadMb: number
}

const slotMs = 60 * 60_000
const slots = 24
const bytesPerMb = 1024 * 1024

/** What passed within one hour. */
interface Slot extends Traffic {
  readonly begunAtMs: number
}

export class Allowance {
  readonly most: AllowedTraffic
  readonly #now: () => number
  /** By the hour, oldest first. */
  readonly #slots: Slot[] = []
  readonly #spent: Traffic = { uploadBytes: 0, downloadBytes: 0 }

  constructor(most: AllowedTraffic, now: () => number = Date.now) {
    this.most = most
    this.#now = now
  }

  spend(uploadBytes: number, downloadBytes: number): void {
    const slot = this.#slot()
    for (const each of [slot, this.#spent]) {
      each.uploadBytes += uploadBytes
      each.downloadBytes += downloadBytes
    }
  }

  /** Of which there is nothing left; `null` while there is of both. */
  get exhausted(): Direction | null {
    this.#forget()
    if (this.#spent.uploadBytes > this.most.uploadMb * bytesPerMb) return 'upload'
    return this.#spent.downloadBytes > this.most.downloadMb * bytesPerMb ? 'download' : null
  }

  #slot(): Slot {
    const begunAtMs = Math.floor(this.#now() / slotMs) * slotMs
    const last = this.#slots.at(-1)
    // A clock that was set back adds to what there is.
    if (last !== undefined && last.begunAtMs >= begunAtMs) return last
    this.#forget()
    const slot = { begunAtMs, uploadBytes: 0, downloadBytes: 0 }
    this.#slots.push(slot)
    return slot
  }

  #forget(): void {
    const oldestMs = this.#now() - slots * slotMs
    while (this.#slots[0] !== undefined && this.#slots[0].begunAtMs + slotMs <= oldestMs) {
      const gone = this.#slots.shift()
      this.#spent.uploadBytes -= gone?.uploadBytes ?? 0
      this.#spent.downloadBytes -= gone?.downloadBytes ?? 0
    }
  }
}

/** One for each server, for as long as the gateway runs. */
export class Allowances {
  readonly #byName = new Map<string, Allowance>()

  of(name: string, most: AllowedTraffic): Allowance {
    const known = this.#byName.get(name)
    if (known?.most.uploadMb === most.uploadMb && known.most.downloadMb === most.downloadMb) return known
    const made = new Allowance(most)
    this.#byName.set(name, made)
    return made
  }
}
