/** What all sessions together keep for clients that come back. */
export const maxReplayBytes = 64 * 1024 * 1024
/** What an event takes beside its bytes. */
const eventOverheadBytes = 256

/** Somebody who keeps events, and can do with fewer. */
export interface Keeper {
  /** Its oldest kept event goes; false when there is none. */
  dropOldest(): boolean
}

/** Memory for kept events, shared by all sessions: who has kept nothing new for longest loses its oldest events first. */
export class ReplayBudget {
  /** Bytes of each, who kept something last at the end. */
  private readonly shares = new Map<Keeper, number>()
  private readonly maxBytes: number
  private total = 0

  constructor(maxBytes = maxReplayBytes) {
    this.maxBytes = maxBytes
  }

  /** Takes room for an event, for which events of others may go, and at last the keeper's own. False: there is none. */
  take(keeper: Keeper, bytes: number): boolean {
    const taken = bytes + eventOverheadBytes
    const before = this.shares.get(keeper) ?? 0
    this.shares.delete(keeper)
    this.shares.set(keeper, before)
    if (!this.makeRoom(taken)) return false
    this.shares.set(keeper, (this.shares.get(keeper) ?? 0) + taken)
    this.total += taken
    return true
  }

  /** An event went. */
  give(keeper: Keeper, bytes: number): void {
    const given = bytes + eventOverheadBytes
    const rest = (this.shares.get(keeper) ?? 0) - given
    this.total -= given
    if (rest > 0) this.shares.set(keeper, rest)
    else this.shares.delete(keeper)
  }

  /** The keeper keeps nothing any more. */
  leave(keeper: Keeper): void {
    this.total -= this.shares.get(keeper) ?? 0
    this.shares.delete(keeper)
  }

  private makeRoom(bytes: number): boolean {
    const isFull = () => this.total + bytes > this.maxBytes
    if (isFull()) for (const keeper of this.shares.keys()) while (isFull() && keeper.dropOldest());
    return !isFull()
  }
}
