/**
 * Modern clients, each with one request at a time, and the servers behind the gateway. All clients use the same ids and
 * tokens. Each message carries a mark of its own; `verdict` looks at who saw what.
 */
import { setImmediate } from 'node:timers/promises'
import { type Actor, ModernCast } from './modern-cast.ts'
import type { Exchange } from './raw-client.ts'

export interface ModernAct {
  readonly kind: (typeof modernKinds)[number]
  /** Which server, request or copy: counted round. */
  readonly who: number
  readonly turns: number
  readonly settles: boolean
}

export const modernKinds = [
  ...['call', 'call', 'call', 'call', 'listen', 'progress', 'progress', 'strayProgress', 'log', 'change'],
  ...['ask', 'ask', 'retry', 'retry', 'forgeRetry', 'finish', 'finish', 'strayAnswer', 'disconnect', 'crash'],
] as const

export class ModernPlay extends ModernCast {
  async act({ kind, who, turns, settles }: ModernAct): Promise<void> {
    await this[kind](who)
    for (let turn = 0; turn < turns; turn += 1) await setImmediate()
    if (settles) await this.settle()
  }

  /** Lets everything come to its end. Throws what went wrong. */
  async verdict(): Promise<void> {
    await this.settle()
    for (const actor of this.actors) if (actor.state === 'parked') this.resume(actor)
    await this.settle()
    for (const actor of this.actors) if (actor.state === 'open') this.answer(actor)
    for (const actor of this.actors) if (actor.state !== 'disconnected') await this.conclude(actor)
    await this.fence()
    // In this era a client that goes away has cancelled.
    await this.until(() =>
      this.actors.every((it) => it.state !== 'disconnected' || this.isDead(it) || this.isCancelled(it)),
    )
    for (const actor of this.actors) {
      if (actor.state === 'answered' && this.isCancelled(actor))
        throw new Error(`${actor.index} was cancelled for another`)
      for (const exchange of actor.exchanges) {
        for (const message of exchange.events.all) this.ledger.judge(message, 'client', actor.index, exchange)
      }
    }
    for (const { line, index } of this.heard) this.ledger.judge(line, 'server', index, null)
    this.ledger.close()
  }

  private call(who: number): void {
    this.begin(this.serverFor(who), false)
  }

  private listen(who: number): void {
    if (this.era === 'modern' && this.path !== '/mcp') this.begin(this.serverFor(who), true)
  }

  private progress(who: number): void {
    const actor = this.pickOpen(who)
    if (actor !== undefined)
      this.say(actor.copy, 'notifications/progress', { progressToken: actor.token, progress: 1 }, actor)
  }

  private strayProgress(who: number): void {
    this.say(
      this.pick([...this.copies], who),
      'notifications/progress',
      { progressToken: 1000 + who, progress: 1 },
      null,
    )
  }

  /** Says nothing about whose call it is: with several in flight at one copy nobody may see it. */
  private async log(who: number): Promise<void> {
    await this.settle()
    const copy = this.pick([...this.copies], who)
    const [only, ...others] = this.actors.filter((it) => it.copy === copy && it.state === 'open' && !it.isListen)
    // What the gateway has not heard of yet may stand in the way, or be in flight still.
    const isClear = this.actors.every(
      (it) => it.copy !== copy || it.state === 'open' || it.isOver || this.isCancelled(it),
    )
    // A modern server may still be going on about a call that was cancelled.
    const mayBeOld = this.era === 'modern' && this.actors.some((it) => it.copy === copy && this.isLeft(it))
    if (only !== undefined && isClear)
      this.say(copy, 'notifications/message', { level: 'info' }, others.length === 0 && !mayBeOld ? only : null)
  }

  private change(who: number): void {
    const actor = this.pick(
      this.actors.filter((it) => it.isListen && this.isAt(it)),
      who,
    )
    if (actor === undefined) return
    const subscription = { _meta: { 'io.modelcontextprotocol/subscriptionId': actor.upstreamId } }
    this.say(actor.copy, 'notifications/tools/list_changed', subscription, actor)
  }

  /** A request of a server: of a legacy one it becomes `input_required`, a modern one has no such thing. */
  private ask(who: number): void {
    const actor = this.pickOpen(who)
    if (actor?.copy == null) return
    const isLegacy = this.era === 'legacy'
    if (isLegacy && this.isAsked(actor)) return
    const id = `q${this.questions.size}`
    this.questions.set(id, actor)
    const mark = isLegacy
      ? this.note(actor, 'client')
      : this.ledger.note({ index: -1, by: 'nobody', on: null, certain: false })
    const params = { mark, message: mark, requestedSchema: { type: 'object', properties: {} } }
    actor.copy.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'elicitation/create', params })}\n`)
    if (isLegacy) this.asked.set(actor, { exchange: actor.exchange, mark })
  }

  private async retry(who: number): Promise<void> {
    const actor = this.pick(
      this.actors.filter((it) => it.state === 'parked'),
      who,
    )
    if (actor !== undefined) this.resume(actor)
  }

  private resume(actor: Actor): void {
    const mark = this.note(actor, 'server')
    const more = retryOf(actor.exchange, mark)
    actor.state = 'open'
    actor.isResuming = true
    actor.exchange = this.send(actor.server, actor.name, false, more)
    actor.exchanges.push(actor.exchange)
    this.watch(actor, actor.exchange)
  }

  /** Another client answers with a state that was not given to it. */
  private async forgeRetry(who: number): Promise<void> {
    const actor = this.pick(
      this.actors.filter((it) => it.state === 'parked'),
      who,
    )
    if (actor === undefined) return
    const mark = this.ledger.note({ index: -1, by: 'nobody', on: null, certain: false })
    const other = this.ledger.note({ index: -1, by: 'nobody', on: null, certain: false })
    const { messages } = await this.send(actor.server, other, false, retryOf(actor.exchange, mark)).reply
    if (!(messages.at(-1) ?? '').includes('"error"')) throw new Error(`a foreign state was taken: ${messages}`)
  }

  private finish(who: number): void {
    const actor = this.pickOpen(who)
    if (actor !== undefined && !this.isAsked(actor)) this.answer(actor)
  }

  private answer(actor: Actor): void {
    if (actor.copy === null || this.dead.has(actor.copy)) return
    actor.state = 'answered'
    const mark = this.note(actor, 'client')
    const result = {
      content: [{ type: 'text', text: mark }],
      ...(this.era === 'modern' ? { resultType: 'complete' } : {}),
    }
    actor.copy.write(`${JSON.stringify({ jsonrpc: '2.0', id: actor.upstreamId, result })}\n`)
  }

  private strayAnswer(who: number): void {
    const mark = this.ledger.note({ index: -1, by: 'nobody', on: null, certain: false })
    this.pick([...this.copies], who)?.write(`${JSON.stringify({ jsonrpc: '2.0', id: 500 + who, result: { mark } })}\n`)
  }

  private disconnect(who: number): void {
    const actor = this.pick(
      this.actors.filter((it) => this.isAt(it) && !this.isAsked(it)),
      who,
    )
    if (actor === undefined) return
    actor.state = 'disconnected'
    actor.exchange.disconnect()
    this.ledger.loosen(({ index, by }) => by === 'client' && index === actor.index)
  }

  /** Once in a play: a server that keeps failing is given a rest. */
  private crash(who: number): void {
    const copy = this.pick([...this.copies], who)
    if (copy === undefined || this.dead.size > 0) return
    this.dead.add(copy)
    this.copies.delete(copy)
    copy.die()
    // Questions are gathered for a moment: what the client was not shown by then, the failure takes the place of.
    const unseen = this.actors
      .filter((it) => it.copy === copy && this.isAsked(it))
      .map((it) => this.asked.get(it)?.mark)
    this.ledger.loosen(({ by }, mark) => by === 'server' || unseen.includes(mark))
  }

  private async conclude({ index, exchange, state, isListen }: Actor): Promise<void> {
    const { messages } = await exchange.reply
    const last = JSON.parse(messages.at(-1) ?? '{}') as { id?: unknown; error?: unknown; result?: unknown }
    const outcome = last.error === undefined ? 'result' : 'error'
    if (last.id !== 1) throw new Error(`client ${index} was not answered: ${messages}`)
    if (state === 'answered' && outcome !== 'result' && this.dead.size === 0)
      throw new Error(`client ${index} got ${messages}`)
    if (outcome === 'error' && this.dead.size === 0 && !isListen)
      throw new Error(`client ${index} failed, and no server did: ${messages}`)
  }

  /** A call to each server after all others: what was said before has arrived. */
  private async fence(): Promise<void> {
    for (const server of this.servers) {
      const actor = this.begin(server, false)
      await this.settle()
      this.answer(actor)
      await this.conclude(actor)
    }
  }

  private serverFor(who: number): string {
    return this.pick(this.servers, who) ?? 'one'
  }
}

/** The members of a request that goes on after `input_required`. */
function retryOf({ events }: Exchange, mark: string): object {
  const { result } = JSON.parse(events.all.at(-1) ?? '{}') as {
    result: { requestState: string; inputRequests: Record<string, unknown> }
  }
  const answers = Object.keys(result.inputRequests).map((key) => [key, { action: 'accept', content: { mark } }])
  return { requestState: result.requestState, inputResponses: Object.fromEntries(answers) }
}
