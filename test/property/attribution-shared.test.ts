/**
 * Sessions that share a copy of a legacy server: what the server says in the course of a call, also of one that was cancelled or
 * whose session has ended, is seen by that call's session, or by nobody.
 */
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { Puppet } from '../support/puppet.ts'
import type { Exchange } from '../support/raw-client.ts'
import { type Bench, legacyScript, openRawSession, type RawSession, startBench } from '../support/relay-bench.ts'
import { Stage } from '../support/stage.ts'

const kinds = ['call', 'call', 'call', 'ask', 'ask', 'log', 'finish', 'finish', 'cancel', 'end', 'update'] as const
const act = fc.record({ kind: fc.constantFrom(...kinds), who: fc.nat(63) })
const play = fc.record({
  sessions: fc.integer({ min: 2, max: 4 }),
  acts: fc.array(act, { minLength: 1, maxLength: 40, size: 'max' }),
})

interface Actor {
  readonly name: string
  readonly session: RawSession
  readonly exchanges: Exchange[]
  isOpen: boolean
  lastId: number
}

/** A request that the server has, answered or not. */
interface Work {
  readonly owner: Actor
  readonly id: number
  readonly clientId: number
  isCancelled: boolean
}

let plays = 0

/** Every message of the server has the name of the session that it is about in it. */
class Play {
  private readonly bench: Bench
  private readonly actors: Actor[] = []
  private readonly work: Work[] = []
  private readonly refused = new Set<string>()
  /** The id of the last question; no other play has it. */
  private mark = ''
  private asked = 0

  constructor(bench: Bench) {
    this.bench = bench
    plays += 1
  }

  async open(sessions: number): Promise<void> {
    for (let index = 0; index < sessions; index += 1) {
      const session = await openRawSession(this.bench.client('/mcp/one'), { elicitation: {}, roots: {} })
      const stream = session.client.get(session.headers)
      await stream.begun
      this.actors.push({ name: `<${plays}.${index}>`, session, exchanges: [stream], isOpen: true, lastId: 0 })
    }
  }

  async act({ kind, who }: { kind: (typeof kinds)[number]; who: number }): Promise<void> {
    const open = this.actors.filter(({ isOpen }) => isOpen)
    const actor = open[who % open.length]
    const work = this.work[who % Math.max(1, this.work.length)]
    if (kind === 'call' && actor) await this.call(actor)
    if (kind === 'update') this.write({ method: 'notifications/tools/list_changed' })
    if (kind === 'end' && actor && open.length > 1) await this.end(actor)
    if (work === undefined) return
    if (kind === 'ask') this.ask(work.owner)
    if (kind === 'log') this.say('notifications/message', work.owner)
    if (kind === 'cancel') await this.cancel(work)
    if (kind === 'finish') this.finish(work)
  }

  /** Nobody saw what is another's, and whoever has the copy alone is asked after all. */
  async verdict(): Promise<void> {
    for (const work of [...this.work]) this.finish(work)
    for (const actor of this.actors.filter(({ isOpen }) => isOpen)) {
      await this.call(actor)
      this.ask(actor)
      const { mark } = this
      await this.until(() => this.refused.has(mark) || this.seenBy(actor).some((text) => text.includes(`"${mark}"`)))
      if (this.refused.has(mark)) throw new Error(`${actor.name} is alone and was not asked`)
      const [work] = this.work
      if (work !== undefined) this.finish(work)
    }
    for (const actor of this.actors) {
      for (const text of this.seenBy(actor)) {
        const about = /<\d+\.\d+>/.exec(text)?.[0]
        if (about !== undefined && about !== actor.name) throw new Error(`${actor.name} saw ${text}`)
      }
    }
  }

  async stop(): Promise<void> {
    for (const actor of this.actors) if (actor.isOpen) await this.end(actor)
  }

  private get copy(): Puppet {
    const copy = this.bench.all.at(-1)
    if (copy === undefined) throw new Error('no copy runs')
    return copy
  }

  private seenBy({ exchanges }: Actor): string[] {
    return exchanges.flatMap(({ events }) => events.all)
  }

  private write(message: object): void {
    this.copy.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  private post(actor: Actor, message: object): Exchange {
    const { client, headers } = actor.session
    const exchange = client.post(headers, JSON.stringify({ jsonrpc: '2.0', ...message }))
    actor.exchanges.push(exchange)
    return exchange
  }

  private async call(owner: Actor): Promise<void> {
    const clientId = ++owner.lastId
    this.post(owner, { id: clientId, method: 'tools/call', params: { name: owner.name, arguments: {} } })
    for (;;) {
      const { id, method, params, error } = JSON.parse(await this.copy.next())
      if (error !== undefined) this.refused.add(id)
      if (method !== 'tools/call' || params.name !== owner.name) continue
      this.work.push({ owner, id, clientId, isCancelled: false })
      return
    }
  }

  private ask(about: Actor): void {
    this.asked += 1
    this.mark = `q${plays}.${this.asked}`
    const params = { message: about.name, mark: this.mark, requestedSchema: { type: 'object', properties: {} } }
    this.write({ id: this.mark, method: 'elicitation/create', params })
  }

  private say(method: string, about: Actor): void {
    this.write({ method, params: { level: 'info', data: about.name } })
  }

  private finish(work: Work): void {
    this.work.splice(this.work.indexOf(work), 1)
    this.write({ id: work.id, result: { content: [], of: work.owner.name } })
  }

  private async cancel(work: Work): Promise<void> {
    if (work.isCancelled || !work.owner.isOpen) return
    work.isCancelled = true
    await this.post(work.owner, { method: 'notifications/cancelled', params: { requestId: work.clientId } }).reply
  }

  private async end(actor: Actor): Promise<void> {
    actor.isOpen = false
    await actor.session.client.delete(actor.session.headers).reply
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      for (const line of this.copy.take()) {
        const { id, error } = JSON.parse(line)
        if (error !== undefined) this.refused.add(id)
      }
      await setImmediate()
    }
  }
}

t.test('random acts of sessions and of their server', async (t) => {
  const open = () => startBench({ one: legacyScript() }, { protocol: 'legacy', sharing: 'shared' })
  const stage = new Stage(open, (bench) => bench.stop())
  t.teardown(() => stage.stop())
  const done = await stage.holds(
    play,
    async (bench, { sessions, acts }) => {
      while (!bench.gateway.lines.some(({ text }) => text === 'server is ready')) await setImmediate()
      const play = new Play(bench)
      await play.open(sessions)
      for (const act of acts) await play.act(act)
      await play.verdict()
      await play.stop()
    },
    { runs: 60, ms: 6000 },
  )
  t.ok(done > 5, `${done} plays`)
})
