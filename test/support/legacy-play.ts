/**
 * Legacy sessions and their servers, all at work at once. Each message carries a mark of its own, and the play notes who
 * may see it and who must: `verdict` then looks at what everybody saw.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Puppet } from './puppet.ts'
import type { Exchange, RawReply } from './raw-client.ts'
import { type Bench, legacyScript, openRawSession, type RawSession, startBench } from './relay-bench.ts'

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

type By = 'client' | 'server' | 'nobody'

interface Fate {
  readonly actor: Actor
  readonly by: By
  /** The response that it has to come on, if that is known. */
  readonly on: Call | null
  /** False: something else may overtake it. */
  certain: boolean
}

interface Call {
  readonly actor: Actor
  readonly mark: string
  readonly id: number
  readonly exchange: Exchange
  /** Where it arrived, and its id there. */
  copy: Puppet | null
  upstreamId: number
  state: 'open' | 'answered' | 'cancelled' | 'disconnected' | 'failed'
}

interface Question {
  readonly actor: Actor
  readonly copy: Puppet
  readonly mark: string
  readonly id: string
  isOpen: boolean
}

interface Actor {
  readonly index: number
  readonly session: RawSession
  readonly exchanges: Exchange[]
  stream: Exchange
  /** What it was told that its log level is; null: not known. */
  level: string | null
  isSettingLevel: boolean
  isOpen: boolean
  lastId: number
}

const capabilitiesOf = (index: number): object => ({
  sampling: {},
  elicitation: {},
  roots: {},
  experimental: { index },
})

export class LegacyPlay {
  private readonly path: string
  private readonly servers: readonly string[]
  private readonly actors: Actor[] = []
  private readonly calls: Call[] = []
  private readonly questions: Question[] = []
  private readonly fates = new Map<string, Fate>()
  private readonly owners = new Map<Puppet, number>()
  private readonly levels = new Map<Puppet, string>()
  private readonly dead = new Set<Puppet>()
  /** Marks that servers saw, with the session that the copy belongs to. */
  private readonly seenByServers: { readonly mark: string; readonly owner: number | undefined }[] = []
  private readonly posts: Promise<unknown>[] = []
  private bench: Bench | null = null
  private marks = 0
  private stopped = false

  constructor(path: string) {
    this.path = path
    this.servers = path === '/mcp' ? ['one', 'two'] : ['one']
  }

  async open(sessions: number): Promise<void> {
    const script = (line: string, copy: Puppet) => this.receive(line, copy)
    this.bench = await startBench(Object.fromEntries(this.servers.map((name) => [name, script])), {
      requestTimeoutMs: 8000,
    })
    for (let index = 0; index < sessions; index += 1) {
      const session = await openRawSession(this.bench.client(this.path), capabilitiesOf(index))
      const stream = session.client.get(session.headers)
      await stream.begun
      this.actors.push({
        index,
        session,
        exchanges: [stream],
        stream,
        level: null,
        isSettingLevel: false,
        isOpen: true,
        lastId: 0,
      })
    }
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.bench?.stop()
  }

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
    for (const actor of this.actors) this.judgeClient(actor)
    for (const { mark, owner } of this.seenByServers) this.judge(mark, 'server', owner, null)
    for (const [mark, { actor, by, on, certain }] of this.fates) {
      if (certain && by !== 'nobody')
        throw new Error(`${mark}, for ${by} ${actor.index} (${on?.state}), was seen by nobody`)
    }
  }

  private call(who: number): Call | undefined {
    const actor = this.pick(
      this.actors.filter((it) => it.isOpen),
      who,
    )
    const server = this.pick(this.servers, who >> 3)
    return actor && server ? this.begin(actor, server, this.mark(actor, 'server')) : undefined
  }

  private begin(actor: Actor, server: string, mark: string): Call {
    const id = ++actor.lastId
    const name = this.path === '/mcp' ? `${server}__tool` : 'tool'
    const params = { name, arguments: { mark }, _meta: { progressToken: id } }
    const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })
    const exchange = actor.session.client.post(actor.session.headers, body)
    const call: Call = { actor, mark, id, exchange, copy: null, upstreamId: 0, state: 'open' }
    actor.exchanges.push(exchange)
    this.calls.push(call)
    void exchange.reply.then(
      () => this.close(call, 'failed'),
      () => {},
    )
    return call
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
    void this.post(call.actor, {
      method: 'notifications/cancelled',
      params: { requestId: call.id, mark: this.mark(call.actor, 'server') },
    })
    this.loosen((fate) => fate.on === call)
  }

  private disconnect(who: number): undefined {
    const call = this.pickCall(who)
    if (call === undefined || !this.close(call, 'disconnected')) return
    call.exchange.disconnect()
    this.loosen((fate) => fate.by === 'client' && fate.actor === call.actor)
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
    this.loosen((fate) => fate.actor === actor)
  }

  /** Once in a play: a server that keeps failing is given a rest. */
  private crash(who: number): undefined {
    const copy = this.pickCopy(who)
    if (copy === undefined || this.dead.size > 0) return
    this.dead.add(copy)
    copy.die()
    for (const call of this.calls) if (call.copy === copy) this.close(call, 'failed')
    for (const question of this.questions) if (question.copy === copy) question.isOpen = false
    this.loosen((fate) => fate.by === 'server' && fate.actor === this.actorOf(copy))
  }

  private say(copy: Puppet, method: string, params: object, on: Call | null = null): void {
    const actor = this.actorOf(copy)
    if (actor === undefined) return
    const mark = this.mark(actor, 'client', on)
    copy.write(`${JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, mark } })}\n`)
  }

  private post(actor: Actor, message: object): Promise<RawReply> {
    const { client, headers } = actor.session
    const exchange = client.post(headers, JSON.stringify({ jsonrpc: '2.0', ...message }))
    // The answer to a request may bring other things with it.
    actor.exchanges.push(exchange)
    this.posts.push(exchange.reply)
    return exchange.reply
  }

  /** What a copy of a server gets. */
  private receive(line: string, copy: Puppet): boolean {
    const { id, method, params } = JSON.parse(line)
    if (method === 'initialize') this.owners.set(copy, params.capabilities.experimental?.index)
    if (legacyScript({ 'logging/setLevel': '{}' })(line, copy)) {
      if (method === 'logging/setLevel') this.levels.set(copy, params.level)
      return true
    }
    for (const mark of marksIn(line)) this.seenByServers.push({ mark, owner: this.owners.get(copy) })
    if (method !== 'tools/call') return true
    const token: unknown = params._meta.progressToken
    const call = this.calls.find((it) => it.actor === this.actorOf(copy) && it.id === token)
    if (call === undefined) throw new Error(`a call came to the wrong copy: ${line}`)
    call.copy = copy
    call.upstreamId = id
    return true
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
    if (outcome !== expected) throw new Error(`call ${call.id} was ${call.state} and its outcome is ${outcome}`)
    if (call.state !== 'failed') return
    if (this.dead.size === 0) throw new Error(`call ${call.id} failed, and no server did`)
    this.loosen((_, mark) => mark === call.mark)
  }

  /** Nothing that was said before is still on its way after this, in either direction; a session whose server died works again. */
  private async fence(actor: Actor): Promise<void> {
    for (const server of this.servers) {
      const call = this.begin(actor, server, this.mark(actor, 'server'))
      await this.until(() => call.copy !== null || call.state !== 'open')
      if (call.copy === null)
        throw new Error(`session ${actor.index} is stuck: ${JSON.stringify(await call.exchange.reply)}`)
      if (actor.level !== null && this.levels.get(call.copy) !== actor.level)
        throw new Error(`the log level of session ${actor.index} is ${this.levels.get(call.copy)}, not ${actor.level}`)
      this.say(call.copy, 'notifications/tools/list_changed', {})
      const marker = `m${this.marks}z`
      await this.until(() => actor.stream.events.all.some((message) => message.includes(marker)))
      this.answer(call)
      await call.exchange.reply
    }
  }

  private judgeClient(actor: Actor): void {
    for (const exchange of actor.exchanges) {
      for (const message of exchange.events.all) {
        for (const mark of marksIn(message)) this.judge(mark, 'client', actor.index, exchange)
      }
    }
  }

  private judge(mark: string, by: By, index: number | undefined, exchange: Exchange | null): void {
    const fate = this.fates.get(mark)
    const seen = `${mark} was seen by ${by} ${index}`
    if (fate === undefined) throw new Error(`${seen}, and again or never said`)
    if (fate.by !== by || fate.actor.index !== index)
      throw new Error(`${seen} and is for ${fate.by} ${fate.actor.index}`)
    if (fate.certain && fate.on !== null && fate.on.exchange !== exchange)
      throw new Error(`${seen} on another response`)
    this.fates.delete(mark)
  }

  private mark(actor: Actor, by: By, on: Call | null = null): string {
    const mark = `m${++this.marks}z`
    const isLossy = by === 'client' && this.calls.some((it) => it.actor === actor && it.state === 'disconnected')
    this.fates.set(mark, { actor, by, on, certain: actor.isOpen && !isLossy })
    return mark
  }

  private loosen(concerns: (fate: Fate, mark: string) => boolean): void {
    for (const [mark, fate] of this.fates) if (concerns(fate, mark)) fate.certain = false
  }

  private close(call: Call, state: Call['state']): boolean {
    if (call.state !== 'open') return false
    call.state = state
    return true
  }

  private actorOf(copy: Puppet | undefined): Actor | undefined {
    const index = copy === undefined ? undefined : this.owners.get(copy)
    return index === undefined ? undefined : this.actors[index]
  }

  private pickCopy(who: number): Puppet | undefined {
    const copies = [...this.owners.keys()].filter((it) => !this.dead.has(it) && this.actorOf(it)?.isOpen === true)
    return this.pick(copies, who)
  }

  private pickCall(who: number): Call | undefined {
    const isOpen = ({ state, copy, actor }: Call) =>
      state === 'open' && copy !== null && !this.dead.has(copy) && actor.isOpen
    return this.pick(this.calls.filter(isOpen), who)
  }

  private pick<T>(all: readonly T[], who: number): T | undefined {
    return all[who % all.length]
  }

  /** The id under which its client knows a question; null: it has not arrived. */
  private idShown({ actor, mark }: Question): number | null {
    const messages = actor.exchanges.flatMap(({ events }) => events.all)
    const shown = messages.find((message) => message.includes(`"${mark}"`))
    return shown === undefined ? null : (JSON.parse(shown) as { id: number }).id
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.stopped) throw new Error('it never came')
      await sleep(1)
    }
  }
}

function marksIn(text: string): string[] {
  return [...text.matchAll(/m[0-9]+z/g)].map(([mark]) => mark)
}
