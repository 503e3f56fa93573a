import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import type { CallListener } from './model.ts'

interface Call {
  readonly listener: CallListener
  readonly tokenKey: string | null
  readonly timeoutMs: number | null
  timer: NodeJS.Timeout | null
}

/** The requests in flight towards one instance: who waits for which id, and until when. */
export class Calls {
  private readonly byId = new Map<number, Call>()
  private readonly idByToken = new Map<string, number>()
  private readonly onTimeout: (id: number) => void

  /** `onTimeout` is told after the waiter was: it tells the server that nobody waits any more. */
  constructor(onTimeout: (id: number) => void) {
    this.onTimeout = onTimeout
  }

  get size(): number {
    return this.byId.size
  }

  get sizeWithTimeout(): number {
    let count = 0
    for (const call of this.byId.values()) if (call.timeoutMs !== null) count += 1
    return count
  }

  add(id: number, tokenKey: string | null, timeoutMs: number | null, listener: CallListener): void {
    const call: Call = { listener, tokenKey, timeoutMs, timer: null }
    if (timeoutMs !== null) call.timer = setTimeout(() => this.expire(id, timeoutMs), timeoutMs).unref()
    this.byId.set(id, call)
    if (tokenKey !== null) this.idByToken.set(tokenKey, id)
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
    call.timer?.refresh()
    call.listener.onProgress?.(progress)
    return true
  }

  /** Something else shows that the call is alive (a question to its client): its full time again. */
  touch(id: number): void {
    this.byId.get(id)?.timer?.refresh()
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

  private expire(id: number, timeoutMs: number): void {
    const call = this.remove(id)
    call?.listener.onFailure(
      new McpoError('TIMEOUT', `The server did not answer within ${timeoutMs / 1000} s`, {
        hint: 'Raise request_timeout_seconds for this server if its work takes longer.',
      }),
    )
    this.onTimeout(id)
  }

  private remove(id: number): Call | undefined {
    const call = this.byId.get(id)
    if (call === undefined) return undefined
    if (call.timer !== null) clearTimeout(call.timer)
    this.byId.delete(id)
    if (call.tokenKey !== null && this.idByToken.get(call.tokenKey) === id) this.idByToken.delete(call.tokenKey)
    return call
  }
}
