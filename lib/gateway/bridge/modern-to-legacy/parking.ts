import { randomBytes } from 'node:crypto'
import { McpoError } from '../../../errors.ts'

/** How long a client may take to answer what it was asked. */
const maxParkedMs = 5 * 60_000
const maxParked = 512
const maxParkedEach = 64

/** A call that waits for its client to come back with answers. */
export interface Parkable {
  /** Nobody may come back to it any more, and it is no longer parked. */
  expire(reason: string): void
}

interface Place<Call> {
  readonly call: Call
  readonly principal: string
  readonly timer: NodeJS.Timeout
}

/** Calls that wait for their clients. Each time one is parked it gets a new id, so that no answer counts twice. */
export class Parking<Call extends Parkable = Parkable> {
  private readonly places = new Map<string, Place<Call>>()
  private readonly maxMs: number
  private closed = false

  constructor(maxMs = maxParkedMs) {
    this.maxMs = maxMs
  }

  get size(): number {
    return this.places.size
  }

  /** Throws TOO_MANY beyond 64 calls of one principal, or 512 in all, and TRANSPORT_ERROR once it is closed. */
  park(call: Call, principal: string): string {
    if (this.closed) throw ending()
    const own = [...this.places.values()].filter((place) => place.principal === principal).length
    if (own >= maxParkedEach || this.places.size >= maxParked) throw full(own)
    const id = randomBytes(16).toString('hex')
    const timer = setTimeout(() => this.take(id)?.expire('the client did not answer in time'), this.maxMs).unref()
    this.places.set(id, { call, principal, timer })
    return id
  }

  /** Ends every call that waits for its client, and lets none wait from now on. */
  close(): void {
    this.closed = true
    for (const id of [...this.places.keys()]) this.take(id)?.expire(ending().message)
  }

  /** The call, which is parked no longer; null when there is none of that id. */
  take(id: string): Call | null {
    const place = this.places.get(id)
    if (place === undefined) return null
    clearTimeout(place.timer)
    this.places.delete(id)
    return place.call
  }
}

function ending(): McpoError {
  return new McpoError('TRANSPORT_ERROR', 'The gateway is ending: no call waits for its client any more', {
    hint: 'Make the call again, without requestState, once the gateway is back.',
  })
}

function full(own: number): McpoError {
  return new McpoError(
    'TOO_MANY',
    `${own} calls wait for this client to answer what it was asked, or too many in all`,
    {
      hint: `Answer them: each waits up to ${maxParkedMs / 60_000} minutes.`,
    },
  )
}
