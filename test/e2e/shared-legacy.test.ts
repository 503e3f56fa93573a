/** `instance = "shared"` or `"principal"`: legacy sessions at one copy of a legacy server, and what it says to whom. */
import t, { type Test } from 'tap'
import type { Puppet } from '../support/puppet.ts'
import type { Exchange, RawClient } from '../support/raw-client.ts'
import { type Bench, legacyScript, openRawSession, startBench } from '../support/relay-bench.ts'

interface Actor {
  readonly stream: Exchange
  call(id: number, name?: string, meta?: object): Exchange
  ask(method: string, params: object): Promise<Reply>
  tell(message: object): Promise<unknown>
  end(): Promise<unknown>
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into messages of many shapes
type Reply = any

const script = legacyScript({ 'resources/unsubscribe': '{}', 'logging/setLevel': '{}', 'resources/subscribe': '{}' })
const json = (message: object) => JSON.stringify({ jsonrpc: '2.0', ...message })

async function benchOf(t: Test, sharing: 'shared' | 'principal' | 'session' = 'shared', overrides: object = {}) {
  const heard: Reply[] = []
  const bench = await startBench(
    {
      one: (line, puppet) => {
        heard.push(JSON.parse(line))
        return script(line, puppet)
      },
    },
    { sharing, protocol: 'legacy', ...overrides },
  )
  t.teardown(() => bench.stop())
  // The copy that is asked what the server can do has come and gone before any of a session's.
  while (!bench.gateway.lines.some(({ text }) => text === 'server is ready')) await new Promise(setImmediate)
  return { bench, heard, told: (method: string) => heard.filter((message) => message.method === method) }
}

async function actorOf(bench: Bench, capabilities: object = { elicitation: {}, roots: {} }): Promise<Actor> {
  const { client, headers } = await openRawSession(bench.client('/mcp/one'), capabilities)
  const stream = (client as RawClient).get(headers)
  await stream.begun
  const post = (message: object) => client.post(headers, json(message))
  let lastId = 1000
  return {
    stream,
    call: (id, name = 'tool', meta = {}) =>
      post({ id, method: 'tools/call', params: { name, arguments: {}, _meta: meta } }),
    ask: async (method, params) => {
      lastId += 1
      return JSON.parse((await post({ id: lastId, method, params }).reply).messages.at(-1) ?? 'null')
    },
    tell: (message) => post(message).reply,
    end: () => client.delete(headers).reply,
  }
}

/** The copy that sessions share: the last that was started. The one before was asked what the server can do. */
function copyOf(bench: Bench): Puppet {
  const copy = bench.all.at(-1)
  if (copy === undefined) throw new Error('no copy runs')
  return copy
}

async function arrived(copy: Puppet): Promise<Reply> {
  return JSON.parse(await copy.next())
}

const elicitation = { method: 'elicitation/create', params: { message: 'm', requestedSchema: { type: 'object' } } }
const write = (copy: Puppet, message: object) => copy.write(`${json(message)}\n`)
const finish = (copy: Puppet, { id }: Reply) => write(copy, { id, result: { content: [] } })
const answerOf = async ({ reply }: Exchange): Promise<Reply> => JSON.parse((await reply).messages.at(-1) ?? 'null')
const event = async ({ events }: Exchange): Promise<Reply> => JSON.parse(await events.next())

t.test('all sessions have one process, and a session to itself where that is written', async (t) => {
  for (const [sharing, count] of [
    ['shared', 1],
    ['principal', 1],
    ['session', 3],
  ] as const) {
    const { bench, told } = await benchOf(t, sharing)
    for (let index = 0; index < 3; index += 1) await actorOf(bench)
    const opened = told('initialize').filter(({ params }) => params.capabilities.elicitation !== undefined)
    t.equal(opened.length, count, sharing)
  }
})

t.test('each session gets the answer to initialize in its own revision', async (t) => {
  const { bench } = await benchOf(t)
  const open = async (protocolVersion: unknown) => {
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'n', version: '1' } }
    const { body } = await bench.client('/mcp/one').post({}, json({ id: 'i', method: 'initialize', params })).reply
    return JSON.parse(body)
  }
  for (const version of ['2025-11-25', '2025-03-26', '2024-11-05'])
    t.match(await open(version), { id: 'i', result: { protocolVersion: version, serverInfo: { name: 'p' } } })
  t.match(await open('2099-01-01'), { result: { protocolVersion: '2025-11-25' } }, 'what the copy speaks')
  t.match(await open(7), { error: { code: -32602 } })
})

t.test('same ids and same tokens of two sessions do not meet', async (t) => {
  const { bench } = await benchOf(t)
  const [a, b] = [await actorOf(bench), await actorOf(bench)]
  const copy = copyOf(bench)
  const calls = [a.call(7, 'a', { progressToken: 't' }), b.call(7, 'b', { progressToken: 't' })]
  const requests: Reply[] = [await arrived(copy), await arrived(copy)]
  for (const { params } of requests)
    write(copy, {
      method: 'notifications/progress',
      params: { progressToken: params._meta.progressToken, progress: 1, message: params.name },
    })
  for (const request of requests) write(copy, { id: request.id, result: { content: [], of: request.params.name } })
  for (const [index, name] of ['a', 'b'].entries()) {
    const [progress, answer] = (await calls[index]?.reply)?.messages.map((text) => JSON.parse(text)) ?? []
    t.match(progress, { params: { progressToken: 't', message: name } })
    t.match(answer, { id: 7, result: { of: name } })
  }
})

t.test('a question reaches the one session with calls in flight, and its answer the server', async (t) => {
  const { bench, heard } = await benchOf(t)
  const [a, b] = [await actorOf(bench), await actorOf(bench)]
  const copy = copyOf(bench)
  const call = b.call(1)
  const request = await arrived(copy)
  write(copy, { id: 'q', ...elicitation })
  const question = await event(call)
  t.match(question, { method: 'elicitation/create', params: { message: 'm' } })
  // Another session's answer to the same id is nobody's.
  await a.tell({ id: question.id, result: { action: 'accept', forged: true } })
  await b.tell({ id: question.id, result: { action: 'accept' } })
  t.match(await arrived(copy), { id: 'q', result: { action: 'accept' } })
  finish(copy, request)
  await call.reply
  t.notOk(heard.some(({ result }) => result?.forged))
  t.same(a.stream.events.all, [])
})

t.test('a question that may be either session’s is refused, and says what would help', async (t) => {
  const { bench } = await benchOf(t)
  const [a, b] = [await actorOf(bench), await actorOf(bench)]
  const copy = copyOf(bench)
  write(copy, { id: 'idle', method: 'roots/list' })
  t.match(await arrived(copy), {
    id: 'idle',
    error: { code: -32601, data: { hint: /instance = "session" for "one"/ } },
  })
  const calls = [a.call(1), b.call(1)]
  const requests = [await arrived(copy), await arrived(copy)]
  write(copy, { id: 'busy', ...elicitation })
  t.match(await arrived(copy), { id: 'busy', error: { message: /sessions share this copy/ } })
  for (const request of requests) finish(copy, request)
  for (const call of calls) t.equal((await call.reply).messages.length, 1)
})

t.test('a session that is alone on the copy is asked, whatever is in flight', async (t) => {
  const { bench } = await benchOf(t)
  const only = await actorOf(bench)
  write(copyOf(bench), { id: 'q', method: 'roots/list' })
  const question = await event(only.stream)
  await only.tell({ id: question.id, result: { roots: [] } })
  t.match(await arrived(copyOf(bench)), { id: 'q', result: { roots: [] } })
})

t.test('a client is not asked what it did not say it can answer', async (t) => {
  const { bench } = await benchOf(t)
  const plain = await actorOf(bench, {})
  write(copyOf(bench), { id: 'q', ...elicitation })
  t.match(await arrived(copyOf(bench)), { id: 'q', error: { message: /did not say it can answer/ } })
  t.same(plain.stream.events.all, [])
})

t.test('a call that its client gave up is still a possible cause, until the server answers it', async (t) => {
  const { bench } = await benchOf(t)
  const [gone, other, third] = [await actorOf(bench), await actorOf(bench), await actorOf(bench)]
  const copy = copyOf(bench)
  gone.call(1)
  const abandoned = await arrived(copy)
  await gone.tell({ method: 'notifications/cancelled', params: { requestId: 1 } })
  t.match(await arrived(copy), { method: 'notifications/cancelled', params: { requestId: abandoned.id } })
  await gone.end()
  const call = other.call(1)
  await arrived(copy)
  write(copy, { id: 'q1', ...elicitation })
  t.match(await arrived(copy), { id: 'q1', error: { code: -32601 } }, 'it may be about what was given up')
  finish(copy, abandoned)
  write(copy, { id: 'q2', ...elicitation })
  t.match(await event(call), { method: 'elicitation/create' })
  t.same(third.stream.events.all, [])
})

t.test('a session that ends with a question open: the server is told, and others go on', async (t) => {
  const { bench } = await benchOf(t)
  const [ending, staying] = [await actorOf(bench), await actorOf(bench)]
  const copy = copyOf(bench)
  const left = ending.call(1)
  const request = await arrived(copy)
  write(copy, { id: 'q', ...elicitation })
  t.match(await event(left), { method: 'elicitation/create' })
  await ending.end()
  const said = [await arrived(copy), await arrived(copy)]
  t.match(said.find(({ method }) => method === 'notifications/cancelled')?.params, { requestId: request.id })
  t.match(
    said.find(({ id }) => id === 'q'),
    { error: { message: /has ended/ } },
  )
  const call = staying.call(1)
  finish(copy, await arrived(copy))
  t.match(await answerOf(call), { id: 1, result: {} })
})

t.test('changes of lists reach all sessions, changes of resources who subscribed', async (t) => {
  const { bench, told } = await benchOf(t)
  const [a, b, c] = [await actorOf(bench), await actorOf(bench), await actorOf(bench)]
  const copy = copyOf(bench)
  for (const actor of [a, b]) t.match(await actor.ask('resources/subscribe', { uri: 'x://1' }), { result: {} })
  t.equal(told('resources/subscribe').length, 1)
  t.match(await b.ask('resources/unsubscribe', { uri: 'x://1' }), { result: {} })
  t.match(await c.ask('resources/unsubscribe', { uri: 'x://1' }), { result: {} }, 'nobody else’s is taken back')
  t.equal(told('resources/unsubscribe').length, 0)
  write(copy, { method: 'notifications/resources/updated', params: { uri: 'x://1/part' } })
  write(copy, { method: 'notifications/tools/list_changed' })
  t.match(await event(a.stream), { params: { uri: 'x://1/part' } })
  for (const { stream } of [a, b, c]) t.match(await event(stream), { method: 'notifications/tools/list_changed' })
  await a.end()
  b.call(1)
  await arrived(copy)
  t.equal(told('resources/unsubscribe').length, 1, 'the last one takes it back')
})

t.test('the level is the most verbose, and each session gets its own', async (t) => {
  const { bench, told } = await benchOf(t)
  const [a, b] = [await actorOf(bench), await actorOf(bench)]
  const copy = copyOf(bench)
  for (const [actor, level] of [
    [a, 'error'],
    [b, 'debug'],
    [a, 'warning'],
  ] as const)
    t.match(await actor.ask('logging/setLevel', { level }), { result: {} })
  t.same(
    told('logging/setLevel').map(({ params }) => params.level),
    ['error', 'debug'],
  )
  t.match(await a.ask('logging/setLevel', { level: 'loud' }), { error: { code: -32602 } })
  const log = (level: string) => write(copy, { method: 'notifications/message', params: { level, data: level } })
  const call = a.call(1)
  const request = await arrived(copy)
  for (const level of ['info', 'error']) log(level)
  finish(copy, request)
  t.same(
    (await call.reply).messages.map((text) => JSON.parse(text).params?.level),
    ['error', undefined],
  )
  log('emergency')
  write(copy, { method: 'notifications/tools/list_changed' })
  t.match(await event(b.stream), { method: 'notifications/tools/list_changed' }, 'what is nobody’s is dropped')
})

t.test('a crash fails the calls of all sessions at once, and each session works again on one new copy', async (t) => {
  const { bench, told } = await benchOf(t)
  const [a, b] = [await actorOf(bench), await actorOf(bench)]
  await a.ask('resources/subscribe', { uri: 'x://1' })
  await b.ask('logging/setLevel', { level: 'error' })
  const [copy, before] = [copyOf(bench), bench.all.length]
  const calls = [a.call(1), b.call(1)]
  for (const _ of calls) await arrived(copy)
  copy.die()
  for (const call of calls) t.match(await answerOf(call), { error: { message: /SIGKILL/ } })
  const again = [a.call(2), b.call(2)]
  for (const _ of again) {
    while (bench.all.length === before) await new Promise((resolve) => setImmediate(resolve))
    finish(copyOf(bench), await arrived(copyOf(bench)))
  }
  for (const call of again) t.match(await answerOf(call), { id: 2, result: {} })
  t.equal(bench.all.length, before + 1)
  t.same([told('resources/subscribe').length, told('logging/setLevel').length], [2, 2], 'told again')
})

t.test('a copy that nobody uses makes room', async (t) => {
  const { bench } = await benchOf(t, 'shared', { maxInstances: 1 })
  const first = await actorOf(bench)
  await first.end()
  const count = bench.all.length
  const second = await actorOf(bench)
  t.equal(bench.all.length, count, 'or is used again')
  second.call(1)
  await arrived(copyOf(bench))
  await second.end()
  await copyOf(bench).gone
  t.pass('one that is still busy with a call of nobody is ended')
})
