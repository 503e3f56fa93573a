/** Legacy sessions at one copy of a modern server: its log messages, its crash, and a client that does not read. */
import { type IncomingMessage, request } from 'node:http'
import t, { type Test } from 'tap'
import { jsonHeaders } from '../fixtures/wire.ts'
import type { Puppet } from '../support/puppet.ts'
import type { Exchange } from '../support/raw-client.ts'
import { type Bench, modernScript, openRawSession, type RawSession, startBench } from '../support/relay-bench.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into messages of many shapes
type Reply = any

async function benchOf(t: Test): Promise<Bench> {
  const bench = await startBench({ one: modernScript() }, { protocol: '2026-07-28', sharing: 'shared' })
  t.teardown(() => bench.stop())
  return bench
}

const json = (message: object) => JSON.stringify({ jsonrpc: '2.0', ...message })
const toolCall = (id: number) => json({ id, method: 'tools/call', params: { name: 'tool', arguments: {} } })
const call = ({ client, headers }: RawSession, id: number): Exchange => client.post(headers, toolCall(id))
const write = (copy: Puppet, message: object) => copy.write(`${json(message)}\n`)
const log = (copy: Puppet, data: string) =>
  write(copy, { method: 'notifications/message', params: { level: 'info', data } })
const finish = (copy: Puppet, { id }: Reply) =>
  write(copy, { id, result: { resultType: 'complete', content: [], of: id } })

function copyOf(bench: Bench): Puppet {
  const copy = bench.all.at(-1)
  if (copy === undefined) throw new Error('no copy runs')
  return copy
}

async function arrived(copy: Puppet): Promise<Reply> {
  for (;;) {
    const message = JSON.parse(await copy.next())
    if (message.method === 'tools/call') return message
  }
}

async function messagesOf({ reply }: Exchange): Promise<Reply[]> {
  return (await reply).messages.map((text) => JSON.parse(text))
}

t.test('a log message reaches the one session that can be meant, by whichever of its calls; else nobody', async (t) => {
  const bench = await benchOf(t)
  const [a, b] = [await openRawSession(bench.client('/mcp/one')), await openRawSession(bench.client('/mcp/one'))]
  const copy = copyOf(bench)
  const first = call(a, 1)
  const requests = [await arrived(copy)]
  const second = call(a, 2)
  requests.push(await arrived(copy))
  log(copy, 'of a')
  await second.events.next()
  const third = call(b, 1)
  requests.push(await arrived(copy))
  log(copy, 'of either')
  for (const request of requests) finish(copy, request)
  const heard = (await Promise.all([first, second, third].map(messagesOf))).map((messages) =>
    messages.flatMap(({ params }) => params?.data ?? []),
  )
  t.same(heard.flat(), ['of a'])
  t.same(heard[2], [])
})

t.test('a log message about a call that was cancelled does not reach another session', async (t) => {
  const bench = await benchOf(t)
  const [a, b] = [await openRawSession(bench.client('/mcp/one')), await openRawSession(bench.client('/mcp/one'))]
  const copy = copyOf(bench)
  call(a, 1)
  const cancelled = await arrived(copy)
  await a.client.post(a.headers, json({ method: 'notifications/cancelled', params: { requestId: 1 } })).reply
  const other = call(b, 1)
  const request = await arrived(copy)
  log(copy, 'of the cancelled one')
  finish(copy, cancelled)
  log(copy, 'of the other')
  finish(copy, request)
  t.same(
    (await messagesOf(other)).flatMap(({ params }) => params?.data ?? []),
    ['of the other'],
  )
})

t.test('a crash fails the calls of all sessions at once, and each works again on one new copy', async (t) => {
  const bench = await benchOf(t)
  const sessions = [await openRawSession(bench.client('/mcp/one')), await openRawSession(bench.client('/mcp/one'))]
  const [copy, before] = [copyOf(bench), bench.all.length]
  const failing = sessions.map((session) => call(session, 1))
  for (const _ of failing) await arrived(copy)
  copy.die()
  for (const exchange of failing) t.match((await messagesOf(exchange)).at(-1), { error: { message: /SIGKILL/ } })
  const again = sessions.map((session) => call(session, 2))
  while (bench.all.length === before) await new Promise((resolve) => setImmediate(resolve))
  for (const _ of again) finish(copyOf(bench), await arrived(copyOf(bench)))
  for (const exchange of again) t.match((await messagesOf(exchange)).at(-1), { id: 2, result: {} })
  t.equal(bench.all.length, before + 1)
})

t.test('a client that does not read is cut off, and the others of the copy are served meanwhile', async (t) => {
  const bench = await benchOf(t)
  const [slow, quick] = [await openRawSession(bench.client('/mcp/one')), await openRawSession(bench.client('/mcp/one'))]
  const copy = copyOf(bench)
  const outgoing = request(`${bench.gateway.url}/mcp/one`, {
    method: 'POST',
    headers: { ...slow.headers, ...jsonHeaders },
  })
  const responded = new Promise<IncomingMessage>((resolve) => {
    outgoing.on('response', resolve)
  })
  const params = { name: 'tool', arguments: {}, _meta: { progressToken: 't' } }
  outgoing.end(json({ id: 1, method: 'tools/call', params }))
  const stalled = await arrived(copy)
  const progressToken = stalled.params._meta.progressToken
  const megabyte = 'x'.repeat(1024 * 1024)
  for (let sent = 0; sent < 40; sent += 1) {
    write(copy, { method: 'notifications/progress', params: { progressToken, progress: sent, message: megabyte } })
    const exchange = call(quick, 10 + sent)
    finish(copy, await arrived(copy))
    t.match((await messagesOf(exchange)).at(-1), { id: 10 + sent, result: {} })
  }
  const response = await responded
  let bytes = 0
  const ended = new Promise((resolve) => {
    response.on('error', () => {})
    response.on('close', resolve)
  })
  response.on('data', ({ length }: Buffer) => {
    bytes += length
  })
  await ended
  t.notOk(response.complete, 'it was cut off')
  t.ok(bytes < 30 * megabyte.length, `and had ${bytes} bytes`)
})
