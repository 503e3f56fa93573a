import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import type { CallListener } from './model.ts'
import type { TimeLimit } from './time-limit.ts'

interface Call {
  readonly listener: CallListener
  readonly tokenKey: string | null
  readonly limit: TimeLimit | null
  /** Nothing keeps a call alive beyond this moment. */
  readonly lastMs: number
  timer: NodeJS.Timeout | null
}

/** The longest that progress or a question to the client can stretch a call. */
const maxStretchMs = 60 * 60_000

export interface CallsEvents {
  /** A call timed out and its waiter was told: the server is to be told that nobody waits any more. */
  onTimeout(id: number): void
  /** The server waits for the client (a person may be thinking): no call of it times out meanwhile. */
  isWaiting(): boolean
  /** The last call is over, or the first one began. */
  onIdle(isIdle: boolean): void
}

/** The requests in flight towards one instance: who waits for which id, and until when. */
export class Calls {
  private readonly byId = new Map<number, Call>()
  private readonly idByToken = new Map<string, number>()
  private readonly events: CallsEvents

  constructor(events: CallsEvents) {
    this.events = events
  }

  get size(): number {
    return this.byId.size
  }

  get sizeWithTimeout(): number {
    let count = 0
    for (const call of this.byId.values()) if (call.limit !== null) count += 1
    return count
  }

  add(id: number, tokenKey: string | null, limit: TimeLimit | null, listener: CallListener): void {
    const lastMs = performance.now() + maxStretchMs
    const call: Call = { listener, tokenKey, limit, lastMs, timer: null }
    if (limit !== null) call.timer = setTimeout(() => this.expire(id, limit), limit.ms).unref()
    this.byId.set(id, call)
    if (tokenKey !== null) this.idByToken.set(tokenKey, id)
    if (this.byId.size === 1) this.events.onIdle(false)
  }

  /** Gives the answer to its waiter; false when nobody waits for it. */
  answer(id: number, answer: Message): boolean {
    const call = this.remove(id)
    call?.listener.onAnswer(answer)
    return call !== undefined
  }

  /** Gives a progress notification to the request it belongs to, which now has its full time again. */
  progress(tokenKey: string, progress: Message): boolean {
    const id = this.idByToken.get(tokenKey)
    const call = id === undefined ? undefined : this.byId.get(id)
    if (call === undefined) return false
    stretch(call)
    call.listener.onProgress?.(progress)
    return true
  }

  /** Something else shows that the call is alive (a question to its client): its full time again. */
  touch(id: number): void {
    const call = this.byId.get(id)
    if (call !== undefined) stretch(call)
  }

  /** Forgets a call without telling its waiter; false when it is not in flight. */
  forget(id: number): boolean {
    return this.remove(id) !== undefined
  }

  /** False when nobody waits for it. */
  fail(id: number, error: McpoError): boolean {
    const call = this.remove(id)
    call?.listener.onFailure(error)
    return call !== undefined
  }

  failAll(error: McpoError): void {
    for (const id of [...this.byId.keys()]) this.remove(id)?.listener.onFailure(error)
  }

  private expire(id: number, { ms, hint }: TimeLimit): void {
    const waiting = this.byId.get(id)
    if (waiting !== undefined && this.events.isWaiting() && stretch(waiting)) return
    const call = this.remove(id)
    const message = `The server did not answer within ${ms / 1000} s`
    call?.listener.onFailure(new McpoError('TIMEOUT', message, hint === undefined ? {} : { hint }))
    this.events.onTimeout(id)
  }

  private remove(id: number): Call | undefined {
    const call = this.byId.get(id)
    if (call === undefined) return undefined
    if (call.timer !== null) clearTimeout(call.timer)
    this.byId.delete(id)
    if (call.tokenKey !== null && this.idByToken.get(call.tokenKey) === id) this.idByToken.delete(call.tokenKey)
    if (this.byId.size === 0) this.events.onIdle(true)
    return call
  }
}

/** The full time again; false when it has had all that it may have. */
function stretch(call: Call): boolean {
  if (performance.now() > call.lastMs) return false
  call.timer?.refresh()
  return true
}
