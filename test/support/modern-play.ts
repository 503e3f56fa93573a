/**
 * Modern clients, each with one request at a time, and the servers behind the gateway. All clients use the same ids and
 * tokens. Each message carries a mark of its own; `verdict` looks at who saw what.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type By, Ledger } from './ledger.ts'
import type { Puppet } from './puppet.ts'
import type { Exchange } from './raw-client.ts'
import { type Bench, legacyScript, modernScript, startBench } from './relay-bench.ts'

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

/** One client. */
interface Actor {
  readonly index: number
  readonly server: string
  readonly isListen: boolean
  /** The mark in its arguments: what the request is known by. */
  readonly name: string
  /** The newest request of its call: after an `input_required` there is another. */
  exchange: Exchange
  readonly exchanges: Exchange[]
  copy: Puppet | null
  upstreamId: number
  state: 'open' | 'parked' | 'answered' | 'disconnected' | 'failed'
  /** It has answered a question, and its server has not heard it yet. */
  isResuming: boolean
  /** The answer has arrived. */
  isOver: boolean
}

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { sampling: {}, elicitation: {}, roots: {} },
  'io.modelcontextprotocol/logLevel': 'debug',
  progressToken: 'same',
}

export class ModernPlay {
  private readonly path: string
  private readonly era: 'legacy' | 'modern'
  private readonly servers: readonly string[]
  private readonly actors: Actor[] = []
  private readonly ledger = new Ledger()
  /** Copies that a client's request has reached. */
  private readonly copies = new Set<Puppet>()
  private readonly dead = new Set<Puppet>()
  private readonly cancelled = new Set<string>()
  /** Requests that a question was put to, which end with it. */
  private readonly asked = new Map<Actor, Exchange>()
  private bench: Bench | null = null
  /** Whom a server's question is for. */
  private readonly questions = new Map<string, Actor>()
  /** Lines that servers got, with the client whose they are. */
  private readonly heard: { readonly line: string; readonly index: number | undefined }[] = []
  private stopped = false

  /** `era`: what the servers speak. */
  constructor(path: string, era: 'legacy' | 'modern') {
    this.path = path
    this.era = era
    this.servers = path === '/mcp' ? ['one', 'two'] : ['one']
  }

  async open(): Promise<void> {
    const script = (line: string, copy: Puppet) => this.receive(line, copy)
    const scripts = Object.fromEntries(this.servers.map((name) => [name, script]))
    this.bench = await startBench(scripts, { requestTimeoutMs: 8000 })
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.bench?.stop()
  }

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

  private begin(server: string, isListen: boolean): Actor {
    const index = this.actors.length
    const name = this.ledger.note({ index, by: 'server', on: null, certain: true })
    const exchange = this.send(server, name, isListen, {})
    const actor: Actor = {
      index,
      server,
      isListen,
      name,
      exchange,
      exchanges: [exchange],
      copy: null,
      upstreamId: 0,
      state: 'open',
      isResuming: false,
      isOver: false,
    }
    this.actors.push(actor)
    this.watch(actor, exchange)
    return actor
  }

  private send(server: string, mark: string, isListen: boolean, more: object): Exchange {
    const method = isListen ? 'subscriptions/listen' : 'tools/call'
    const tool = this.path === '/mcp' ? `${server}__tool` : 'tool'
    const own = isListen ? { notifications: { toolsListChanged: true, x: mark } } : { name: tool, arguments: { mark } }
    const headers = {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(isListen ? {} : { 'mcp-name': tool }),
    }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...own, ...more, _meta: meta } })
    if (this.bench === null) throw new Error('not open')
    return this.bench.client(this.path).post(headers, body)
  }

  /** An answer that the play did not give: the question of a server, or a failure. */
  private watch(actor: Actor, exchange: Exchange): void {
    void exchange.reply.then(
      ({ messages }) => {
        if (actor.exchange !== exchange) return
        if (actor.state === 'open') actor.state = stateAfter(messages.at(-1) ?? '{}')
        actor.isOver = actor.state !== 'parked'
      },
      () => {},
    )
  }

  private progress(who: number): void {
    const actor = this.pickOpen(who)
    if (actor !== undefined)
      this.say(actor.copy, 'notifications/progress', { progressToken: actor.upstreamId, progress: 1 }, actor)
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
    if (only !== undefined && isClear)
      this.say(copy, 'notifications/message', { level: 'info' }, others.length === 0 ? only : null)
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
    if (isLegacy) this.asked.set(actor, actor.exchange)
  }

  private isAsked(actor: Actor): boolean {
    return this.asked.get(actor) === actor.exchange && actor.state === 'open'
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
    this.ledger.loosen(({ by }) => by === 'server')
  }

  private say(copy: Puppet | null | undefined, method: string, params: object, to: Actor | null): void {
    if (copy == null) return
    const mark =
      to === null ? this.ledger.note({ index: -1, by: 'nobody', on: null, certain: false }) : this.note(to, 'client')
    copy.write(`${JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, mark } })}\n`)
  }

  private note(actor: Actor, by: By): string {
    const on = by === 'client' ? actor.exchange : null
    return this.ledger.note({
      index: actor.index,
      by,
      on,
      certain: actor.state !== 'disconnected' && !this.isDead(actor),
    })
  }

  private receive(line: string, copy: Puppet): boolean {
    const answers = { 'logging/setLevel': '{}', 'tools/list': '{"tools":[]}' }
    const script = this.era === 'legacy' ? legacyScript(answers) : modernScript(answers)
    if (script(line, copy)) return true
    const { id, method, params } = JSON.parse(line)
    if (method === 'notifications/cancelled') this.cancelled.add(this.keyOf(copy, params.requestId))
    const actor = this.actors.find((it) => line.includes(`"${it.name}"`)) ?? this.questions.get(id)
    this.heard.push({ line, index: actor?.index })
    if (actor !== undefined && this.questions.has(id)) actor.isResuming = false
    if ((method !== 'tools/call' && method !== 'subscriptions/listen') || actor === undefined) return true
    this.copies.add(copy)
    actor.copy = copy
    actor.upstreamId = id
    return true
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

  /** Until each request has reached its server, or has its answer. */
  private settle(): Promise<void> {
    return this.until(() => this.actors.every((it) => it.state !== 'open' || (this.isAt(it) && !this.isAsked(it))))
  }

  private isCancelled({ copy, upstreamId }: Actor): boolean {
    return copy !== null && this.cancelled.has(this.keyOf(copy, upstreamId))
  }

  private isDead({ copy }: Actor): boolean {
    return copy !== null && this.dead.has(copy)
  }

  private keyOf(copy: Puppet, id: unknown): string {
    return `${this.bench?.all.indexOf(copy)}:${id}`
  }

  private serverFor(who: number): string {
    return this.pick(this.servers, who) ?? 'one'
  }

  private isAt({ state, isResuming, copy }: Actor): boolean {
    return state === 'open' && !isResuming && copy !== null && !this.dead.has(copy)
  }

  private pickOpen(who: number): Actor | undefined {
    return this.pick(
      this.actors.filter((it) => this.isAt(it) && !it.isListen),
      who,
    )
  }

  private pick<T>(all: readonly T[], who: number): T | undefined {
    return all[who % all.length]
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.stopped) throw new Error('it never came')
      await sleep(1)
    }
  }
}

function stateAfter(answer: string): Actor['state'] {
  const { result } = JSON.parse(answer) as { result?: { resultType?: string } }
  if (result === undefined) return 'failed'
  return result.resultType === 'input_required' ? 'parked' : 'answered'
}

/** The members of a request that goes on after `input_required`. */
function retryOf({ events }: Exchange, mark: string): object {
  const { result } = JSON.parse(events.all.at(-1) ?? '{}') as {
    result: { requestState: string; inputRequests: Record<string, unknown> }
  }
  const answers = Object.keys(result.inputRequests).map((key) => [key, { action: 'accept', content: { mark } }])
  return { requestState: result.requestState, inputResponses: Object.fromEntries(answers) }
}
