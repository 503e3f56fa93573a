/** A call during which its server may tell its client what it is doing. */
export interface Logged {
  /** Whose call it is, where one client may have several; null: nobody knows of another by the same client. */
  readonly client: object | null
  /** It asked for log messages. Without that a server must not send any for it. */
  readonly wantsLogs: boolean
}

/** How long a server may go on about a call that was cancelled. */
const echoMs = 60_000
const maxCancelled = 4096

/**
 * The calls that a log message of a shared copy may be about: over stdio it does not say which. It may be about one that was
 * cancelled just now as well.
 */
export class LogAudience<Call extends Logged> {
  private readonly open = new Map<number, Call>()
  private readonly cancelled = new Map<number, { readonly call: Call; readonly until: number }>()
  private readonly now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.now = now
  }

  begin(id: number, call: Call): void {
    this.open.set(id, call)
  }

  /** The server answered it, or is gone. */
  end(id: number): void {
    this.open.delete(id)
    this.cancelled.delete(id)
  }

  cancel(id: number): void {
    const call = this.open.get(id)
    if (call === undefined) return
    this.open.delete(id)
    this.forgetOld()
    this.cancelled.set(id, { call, until: this.now() + echoMs })
  }

  /** The newest call of the one client that it can be about; null when it can be about another's. */
  find(): Call | null {
    this.forgetOld()
    const open = [...this.open.values()]
    const suspects = [...[...this.cancelled.values()].map(({ call }) => call), ...open]
    const [one, ...others] = clientsOf(suspects)
    const [asking, ...othersAsking] = clientsOf(suspects.filter(({ wantsLogs }) => wantsLogs))
    const client = others.length === 0 ? one : othersAsking.length === 0 ? asking : undefined
    return open.findLast((call) => clientOf(call) === client) ?? null
  }

  private forgetOld(): void {
    for (const [id, { until }] of this.cancelled) {
      if (until > this.now() && this.cancelled.size < maxCancelled) break
      this.cancelled.delete(id)
    }
  }
}

function clientsOf(calls: readonly Logged[]): Set<object> {
  return new Set(calls.map(clientOf))
}

function clientOf(call: Logged): object {
  return call.client ?? call
}
