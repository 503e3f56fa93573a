import { setTimeout as sleep } from 'node:timers/promises'
import { type By, Ledger } from './ledger.ts'
import type { Puppet } from './puppet.ts'
import type { Exchange } from './raw-client.ts'
import { type Bench, legacyScript, modernScript, startBench } from './relay-bench.ts'

/** One client. */
export interface Actor {
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
  token: unknown
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

/** The clients, their requests and the copies of servers that these have reached. */
export class ModernCast {
  protected readonly path: string
  protected readonly era: 'legacy' | 'modern'
  protected readonly servers: readonly string[]
  protected readonly actors: Actor[] = []
  protected readonly ledger = new Ledger()
  /** Copies that a client's request has reached. */
  protected readonly copies = new Set<Puppet>()
  protected readonly dead = new Set<Puppet>()
  protected readonly cancelled = new Set<string>()
  /** Marks of log messages: a call that begins before one has arrived makes it doubtful whose it is. */
  protected readonly logs = new Set<string>()
  /** Requests that a question was put to, which end with it, and its mark. */
  protected readonly asked = new Map<Actor, { readonly exchange: Exchange; readonly mark: string }>()
  protected bench: Bench | null = null
  /** Whom a server's question is for. */
  protected readonly questions = new Map<string, Actor>()
  /** Lines that servers got, with the client whose they are. */
  protected readonly heard: { readonly line: string; readonly index: number | undefined }[] = []
  protected stopped = false

  /** `era`: what the servers speak. */
  constructor(path: string, era: 'legacy' | 'modern') {
    this.path = path
    this.era = era
    this.servers = path === '/mcp' ? ['one', 'two'] : ['one']
  }

  async open(): Promise<void> {
    const script = (line: string, copy: Puppet) => this.receive(line, copy)
    const scripts = Object.fromEntries(this.servers.map((name) => [name, script]))
    this.bench = await startBench(scripts)
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.bench?.stop()
  }

  protected begin(server: string, isListen: boolean): Actor {
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
      token: null,
      state: 'open',
      isResuming: false,
      isOver: false,
    }
    this.actors.push(actor)
    this.watch(actor, exchange)
    return actor
  }

  protected send(server: string, mark: string, isListen: boolean, more: object): Exchange {
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
    this.ledger.loosen((_, mark) => this.logs.has(mark))
    return this.bench.client(this.path).post(headers, body)
  }

  /** An answer that the play did not give: the question of a server, or a failure. */
  protected watch(actor: Actor, exchange: Exchange): void {
    void exchange.reply.then(
      ({ messages }) => {
        if (actor.exchange !== exchange) return
        if (actor.state === 'open') actor.state = stateAfter(messages.at(-1) ?? '{}')
        actor.isOver = actor.state !== 'parked'
        // Until the gateway has noticed that a copy died, requests are still sent to it.
        if (actor.state === 'failed' && this.dead.size > 0)
          this.ledger.loosen(({ by, index }) => by === 'server' && index === actor.index)
      },
      () => {},
    )
  }

  protected say(copy: Puppet | null | undefined, method: string, params: object, to: Actor | null): void {
    if (copy == null) return
    const mark =
      to === null ? this.ledger.note({ index: -1, by: 'nobody', on: null, certain: false }) : this.note(to, 'client')
    if (method === 'notifications/message') this.logs.add(mark)
    copy.write(`${JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, mark } })}\n`)
  }

  protected note(actor: Actor, by: By): string {
    const on = by === 'client' ? actor.exchange : null
    return this.ledger.note({
      index: actor.index,
      by,
      on,
      certain: actor.state !== 'disconnected' && !this.isDead(actor),
    })
  }

  protected receive(line: string, copy: Puppet): boolean {
    const answers = { ping: '{}', 'logging/setLevel': '{}', 'tools/list': '{"tools":[]}' }
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
    actor.token = params._meta.progressToken
    return true
  }

  /** Until each request has reached its server, or has its answer. */
  protected settle(): Promise<void> {
    return this.until(() => this.actors.every((it) => it.state !== 'open' || (this.isAt(it) && !this.isAsked(it))))
  }

  protected isAt({ state, isResuming, copy }: Actor): boolean {
    return state === 'open' && !isResuming && copy !== null && !this.dead.has(copy)
  }

  protected isAsked(actor: Actor): boolean {
    return this.asked.get(actor)?.exchange === actor.exchange && actor.state === 'open'
  }

  protected isCancelled({ copy, upstreamId }: Actor): boolean {
    return copy !== null && this.cancelled.has(this.keyOf(copy, upstreamId))
  }

  /** Its client went away, and its server has not answered it. */
  protected isLeft(actor: Actor): boolean {
    return !actor.isListen && actor.state === 'disconnected' && this.isCancelled(actor)
  }

  protected isDead({ copy }: Actor): boolean {
    return copy !== null && this.dead.has(copy)
  }

  protected keyOf(copy: Puppet, id: unknown): string {
    return `${this.bench?.all.indexOf(copy)}:${id}`
  }

  protected pickOpen(who: number): Actor | undefined {
    return this.pick(
      this.actors.filter((it) => this.isAt(it) && !this.isAsked(it) && !it.isListen),
      who,
    )
  }

  protected pick<T>(all: readonly T[], who: number): T | undefined {
    return all[who % all.length]
  }

  protected async until(condition: () => boolean): Promise<void> {
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
