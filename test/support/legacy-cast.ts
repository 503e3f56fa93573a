import { setTimeout as sleep } from 'node:timers/promises'
import { type By, Ledger } from './ledger.ts'
import type { Puppet } from './puppet.ts'
import type { Exchange, RawReply } from './raw-client.ts'
import { type Bench, legacyScript, openRawSession, type RawSession, startBench } from './relay-bench.ts'

export interface Call {
  readonly actor: Actor
  readonly mark: string
  readonly id: number
  readonly exchange: Exchange
  /** Where it arrived, and its id there. */
  copy: Puppet | null
  upstreamId: number
  state: 'open' | 'answered' | 'cancelled' | 'disconnected' | 'failed'
  /** Its cancellation is on the way to the gateway, which a death of its server may overtake. */
  isCancelling: boolean
  /** Overtaken, it may have failed instead. */
  mayHaveFailed: boolean
}

export interface Question {
  readonly actor: Actor
  readonly copy: Puppet
  readonly mark: string
  readonly id: string
  isOpen: boolean
}

export interface Actor {
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

/** The sessions, their calls and the copies of servers that work for them. */
export class LegacyCast {
  protected readonly path: string
  protected readonly servers: readonly string[]
  protected readonly actors: Actor[] = []
  protected readonly calls: Call[] = []
  protected readonly questions: Question[] = []
  protected readonly owners = new Map<Puppet, number>()
  protected readonly levels = new Map<Puppet, string>()
  protected readonly dead = new Set<Puppet>()
  /** Lines that servers got, with the session that the copy works for. */
  protected readonly heard: { readonly line: string; readonly index: number | undefined }[] = []
  readonly ledger = new Ledger()
  protected readonly posts: Promise<unknown>[] = []
  protected bench: Bench | null = null
  protected stopped = false

  constructor(path: string) {
    this.path = path
    this.servers = path === '/mcp' ? ['one', 'two'] : ['one']
  }

  async open(sessions: number): Promise<void> {
    const script = (line: string, copy: Puppet) => this.receive(line, copy)
    this.bench = await startBench(Object.fromEntries(this.servers.map((name) => [name, script])))
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

  protected begin(actor: Actor, server: string, mark: string): Call {
    const id = ++actor.lastId
    const name = this.path === '/mcp' ? `${server}__tool` : 'tool'
    const params = { name, arguments: { mark }, _meta: { progressToken: id } }
    const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })
    const exchange = actor.session.client.post(actor.session.headers, body)
    const call: Call = {
      ...{ actor, mark, id, exchange, copy: null, upstreamId: 0, state: 'open' },
      ...{ isCancelling: false, mayHaveFailed: false },
    }
    actor.exchanges.push(exchange)
    this.calls.push(call)
    void exchange.reply.then(
      () => this.close(call, 'failed'),
      () => {},
    )
    return call
  }

  protected say(copy: Puppet, method: string, params: object, on: Call | null = null): void {
    const actor = this.actorOf(copy)
    if (actor === undefined) return
    const mark = this.mark(actor, 'client', on)
    copy.write(`${JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, mark } })}\n`)
  }

  protected post(actor: Actor, message: object): Promise<RawReply> {
    const { client, headers } = actor.session
    const exchange = client.post(headers, JSON.stringify({ jsonrpc: '2.0', ...message }))
    // The answer to a request may bring other things with it.
    actor.exchanges.push(exchange)
    this.posts.push(exchange.reply)
    return exchange.reply
  }

  /** What a copy of a server gets. */
  protected receive(line: string, copy: Puppet): boolean {
    const { id, method, params } = JSON.parse(line)
    if (method === 'initialize') this.owners.set(copy, params.capabilities.experimental?.index)
    if (legacyScript({ 'logging/setLevel': '{}' })(line, copy)) {
      if (method === 'logging/setLevel') this.levels.set(copy, params.level)
      return true
    }
    this.heard.push({ line, index: this.owners.get(copy) })
    if (method !== 'tools/call') return true
    const token: unknown = params._meta.progressToken
    const call = this.calls.find((it) => it.actor === this.actorOf(copy) && it.id === token)
    if (call === undefined) throw new Error(`a call came to the wrong copy: ${line}`)
    call.copy = copy
    call.upstreamId = id
    return true
  }

  protected mark(actor: Actor, by: By, on: Call | null = null): string {
    const isLossy = by === 'client' && this.calls.some((it) => it.actor === actor && it.state === 'disconnected')
    const certain = actor.isOpen && !isLossy
    return this.ledger.note({ index: actor.index, by, on: on?.exchange ?? null, certain })
  }

  protected close(call: Call, state: Call['state']): boolean {
    if (call.state !== 'open') return false
    call.state = state
    return true
  }

  protected actorOf(copy: Puppet | undefined): Actor | undefined {
    const index = copy === undefined ? undefined : this.owners.get(copy)
    return index === undefined ? undefined : this.actors[index]
  }

  protected pickCopy(who: number): Puppet | undefined {
    const copies = [...this.owners.keys()].filter((it) => !this.dead.has(it) && this.actorOf(it)?.isOpen === true)
    return this.pick(copies, who)
  }

  protected pickCall(who: number): Call | undefined {
    const isOpen = ({ state, copy, actor }: Call) =>
      state === 'open' && copy !== null && !this.dead.has(copy) && actor.isOpen
    return this.pick(this.calls.filter(isOpen), who)
  }

  protected pick<T>(all: readonly T[], who: number): T | undefined {
    return all[who % all.length]
  }

  /** The id under which its client knows a question; null: it has not arrived. */
  protected idShown({ actor, mark }: Question): number | null {
    const messages = actor.exchanges.flatMap(({ events }) => events.all)
    const shown = messages.find((message) => message.includes(`"${mark}"`))
    return shown === undefined ? null : (JSON.parse(shown) as { id: number }).id
  }

  protected async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.stopped) throw new Error('it never came')
      await sleep(1)
    }
  }
}
