/**
 * Legacy sessions and their servers, all at work at once. Each message carries a mark of its own, and the play notes who
 * may see it and who must: `verdict` then looks at what everybody saw.
 */
import { setImmediate } from 'node:timers/promises'
import { type Actor, type Call, LegacyCast } from './legacy-cast.ts'
import type { Puppet } from './puppet.ts'

export interface Act {
  readonly kind: (typeof kinds)[number]
  /** Which session, server, call, copy or question: counted round. */
  readonly who: number
  /** Turns of the event loop before the next act; with `settles` until the call has arrived. */
  readonly turns: number
  readonly settles: boolean
}

export const kinds = [
  ...['call', 'call', 'call', 'call', 'progress', 'progress', 'strayProgress', 'log', 'change', 'ask', 'ask'],
  ...['answerQuestion', 'answerQuestion', 'forgeAnswer', 'withdraw', 'finish', 'finish', 'strayAnswer'],
  ...['cancel', 'disconnect', 'reopen', 'setLevel', 'end', 'crash'],
] as const

export class LegacyPlay extends LegacyCast {
  async act({ kind, who, turns, settles }: Act): Promise<void> {
    const begun = this[kind](who)
    const call = begun instanceof Promise ? await begun.then(() => undefined) : begun
    for (let turn = 0; turn < turns; turn += 1) await setImmediate()
    if (settles && call !== undefined) await this.until(() => call.copy !== null || call.state !== 'open')
  }

  /** Lets everything come to its end. Throws what went wrong. */
  async verdict(): Promise<void> {
    await Promise.all(this.posts)
    await Promise.all(this.calls.map((call) => this.conclude(call)))
    for (const actor of this.actors) if (actor.isOpen) await this.fence(actor)
    for (const { line, index } of this.heard) this.ledger.judge(line, 'server', index, null)
    for (const { index, exchanges } of this.actors) {
      for (const exchange of exchanges) {
        for (const message of exchange.events.all) this.ledger.judge(message, 'client', index, exchange)
      }
    }
    this.ledger.close()
  }

  private call(who: number): Call | undefined {
    const actor = this.pick(
      this.actors.filter((it) => it.isOpen),
      who,
    )
    const server = this.pick(this.servers, who >> 3)
    return actor && server ? this.begin(actor, server, this.mark(actor, 'server')) : undefined
  }

  private progress(who: number): undefined {
    const call = this.pickCall(who)
    if (call?.copy) this.say(call.copy, 'notifications/progress', { progressToken: call.id, progress: 1 }, call)
  }

  /** With the token of a call that another session may have in flight. */
  private strayProgress(who: number): undefined {
    const copy = this.pickCopy(who)
    if (copy !== undefined) this.say(copy, 'notifications/progress', { progressToken: 1000 + who, progress: 1 })
  }

  private log(who: number): undefined {
    const copy = this.pickCopy(who)
    if (copy !== undefined) this.say(copy, 'notifications/message', { level: 'info' })
  }

  private change(who: number): undefined {
    const copy = this.pickCopy(who)
    if (copy !== undefined) this.say(copy, 'notifications/tools/list_changed', {})
  }

  private ask(who: number): undefined {
    const copy = this.pickCopy(who)
    const actor = this.actorOf(copy)
    if (copy === undefined || actor === undefined) return
    const mark = this.mark(actor, 'client')
    // Every copy uses the same ids.
    const question = {
      actor,
      copy,
      mark,
      id: `q${this.questions.filter((it) => it.copy === copy).length}`,
      isOpen: true,
    }
    this.questions.push(question)
    const method = ['sampling/createMessage', 'elicitation/create', 'roots/list'][who % 3]
    copy.write(`${JSON.stringify({ jsonrpc: '2.0', id: question.id, method, params: { mark } })}\n`)
  }

  private answerQuestion(who: number): undefined {
    const question = this.pick(
      this.questions.filter((it) => it.isOpen && it.actor.isOpen && this.idShown(it) !== null),
      who,
    )
    if (question === undefined) return
    question.isOpen = false
    const mark = this.mark(question.actor, 'server')
    void this.post(question.actor, { id: this.idShown(question), result: { mark } })
  }

  /** A session answers what another was asked. Its own questions have not come to that id. */
  private forgeAnswer(who: number): Promise<unknown> | undefined {
    const question = this.pick(this.questions, who)
    const id = question === undefined ? null : this.idShown(question)
    if (question === undefined || id === null) return
    const asked = (actor: Actor) => this.questions.filter((it) => it.actor === actor).length
    const forgers = this.actors.filter((it) => it.isOpen && it !== question.actor && asked(it) < id)
    const forger = this.pick(forgers, who >> 3)
    return forger && this.post(forger, { id, result: { mark: this.mark(forger, 'nobody') } })
  }

  private withdraw(who: number): undefined {
    const question = this.pick(
      this.questions.filter((it) => it.isOpen && !this.dead.has(it.copy)),
      who,
    )
    if (question === undefined) return
    question.isOpen = false
    this.say(question.copy, 'notifications/cancelled', { requestId: question.id })
  }

  private finish(who: number): undefined {
    const call = this.pickCall(who)
    if (call !== undefined) this.answer(call)
  }

  private answer(call: Call): void {
    if (call.copy === null || !this.close(call, 'answered')) return
    const mark = this.mark(call.actor, 'client', call)
    call.copy.write(`${JSON.stringify({ jsonrpc: '2.0', id: call.upstreamId, result: { mark } })}\n`)
  }

  /** To a call that is not in flight there, though it may be with another copy. */
  private strayAnswer(who: number): undefined {
    const copy = this.pickCopy(who)
    const actor = this.actorOf(copy)
    if (copy === undefined || actor === undefined) return
    const mark = this.mark(actor, 'nobody')
    copy.write(`${JSON.stringify({ jsonrpc: '2.0', id: 500 + who, result: { mark } })}\n`)
  }

  private cancel(who: number): undefined {
    const call = this.pickCall(who)
    if (call === undefined || !this.close(call, 'cancelled')) return
    call.isCancelling = true
    const params = { requestId: call.id, mark: this.mark(call.actor, 'server') }
    void this.post(call.actor, { method: 'notifications/cancelled', params }).then(() => {
      call.isCancelling = false
    })
    this.ledger.loosen((fate) => fate.on === call.exchange)
  }

  private disconnect(who: number): undefined {
    const call = this.pickCall(who)
    if (call === undefined || !this.close(call, 'disconnected')) return
    call.exchange.disconnect()
    this.ledger.loosen((fate) => fate.by === 'client' && fate.index === call.actor.index)
  }

  private reopen(who: number): undefined {
    const actor = this.pick(
      this.actors.filter((it) => it.isOpen),
      who,
    )
    if (actor === undefined) return
    actor.stream = actor.session.client.get(actor.session.headers)
    actor.exchanges.push(actor.stream)
    this.posts.push(actor.stream.begun)
  }

  /** One at a time, since their order would be the network's. */
  private setLevel(who: number): undefined {
    const actor = this.pick(
      this.actors.filter((it) => it.isOpen && !it.isSettingLevel),
      who,
    )
    if (actor === undefined) return
    const level = ['debug', 'info', 'error'][who % 3] ?? 'info'
    actor.level = null
    actor.isSettingLevel = true
    const message = { id: `level${++actor.lastId}`, method: 'logging/setLevel', params: { level } }
    void this.post(actor, message).then(({ body }) => {
      actor.isSettingLevel = false
      if (body.includes('"result"')) actor.level = level
    })
  }

  /** DELETE. */
  private end(who: number): undefined {
    const actors = this.actors.filter((it) => it.isOpen)
    const actor = this.pick(actors, who)
    if (actor === undefined || actors.length === 1) return
    actor.isOpen = false
    this.posts.push(actor.session.client.delete(actor.session.headers).reply)
    this.ledger.loosen((fate) => fate.index === actor.index)
  }

  /** Once in a play: a server that keeps failing is given a rest. */
  private crash(who: number): undefined {
    const copy = this.pickCopy(who)
    if (copy === undefined || this.dead.size > 0) return
    this.dead.add(copy)
    copy.die()
    for (const call of this.calls) {
      call.mayHaveFailed ||= call.isCancelling
      if (call.copy === copy) this.close(call, 'failed')
    }
    for (const question of this.questions) if (question.copy === copy) question.isOpen = false
    this.ledger.loosen((fate) => fate.by === 'server' && fate.index === this.owners.get(copy))
  }

  private async conclude(call: Call): Promise<void> {
    await this.until(() => call.copy !== null || call.state !== 'open' || !call.actor.isOpen)
    if (call.actor.isOpen && call.copy !== null && !this.dead.has(call.copy)) this.answer(call)
    if (call.state === 'disconnected') return
    const { messages } = await call.exchange.reply
    const last = JSON.parse(messages.at(-1) ?? '{}') as { id?: unknown; method?: unknown; error?: unknown }
    if (!call.actor.isOpen) return
    const outcome =
      last.id !== call.id || last.method !== undefined ? 'none' : last.error === undefined ? 'result' : 'error'
    const expected = { answered: 'result', failed: 'error', cancelled: 'none', open: 'an end' }[call.state]
    if (call.mayHaveFailed && outcome === 'error') return this.ledger.loosen((_, mark) => mark === call.mark)
    if (outcome !== expected) throw new Error(`call ${call.id} was ${call.state} and its outcome is ${outcome}`)
    if (call.state !== 'failed') return
    if (this.dead.size === 0) throw new Error(`call ${call.id} failed, and no server did`)
    this.ledger.loosen((_, mark) => mark === call.mark)
  }

  /** Nothing that was said before is still on its way after this, in either direction; a session whose server died works again. */
  private async fence(actor: Actor): Promise<void> {
    for (const server of this.servers) {
      const call = await this.arrived(actor, server)
      if (actor.level !== null && this.levels.get(call.copy) !== actor.level)
        throw new Error(`the log level of session ${actor.index} is ${this.levels.get(call.copy)}, not ${actor.level}`)
      this.say(call.copy, 'notifications/tools/list_changed', {})
      const marker = this.ledger.last
      await this.until(() => actor.stream.events.all.some((message) => message.includes(marker)))
      this.answer(call)
      await call.exchange.reply
    }
  }

  /** A call that a copy has. Where one died, the gateway may learn of it by the first call only, which fails then. */
  private async arrived(actor: Actor, server: string, mayFail = this.dead.size > 0): Promise<Called> {
    const call = this.begin(actor, server, this.mark(actor, 'server'))
    await this.until(() => call.copy !== null || call.state !== 'open')
    if (isCalled(call)) return call
    const { body } = await call.exchange.reply
    if (!mayFail || !body.includes('was ended by SIGKILL')) throw new Error(`session ${actor.index} is stuck: ${body}`)
    this.ledger.loosen((_, mark) => mark === call.mark)
    return this.arrived(actor, server, false)
  }
}

type Called = Call & { readonly copy: Puppet }

function isCalled(call: Call): call is Called {
  return call.copy !== null
}
