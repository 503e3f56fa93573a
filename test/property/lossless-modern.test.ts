/** Between a client without a session and its server nothing changes but ids and tokens, on `/mcp` names, and line breaks between tokens. */
import { strictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { scalarText, spelled, stringText, valueText } from '../support/odd-json.ts'
import {
  answerText,
  endedText,
  flat,
  notificationText,
  render,
  renderLine,
  requestText,
  slot,
} from '../support/odd-messages.ts'
import type { Puppet } from '../support/puppet.ts'
import type { Exchange, RawClient } from '../support/raw-client.ts'
import { type Bench, modernScript, startBench } from '../support/relay-bench.ts'
import { Stage } from '../support/stage.ts'

const endpoints = [
  { path: '/mcp/one', publicName: (name: string) => name, realName: (name: string) => name },
  {
    path: '/mcp',
    publicName: (name: string) => `"one__${name.slice(1)}`,
    realName: (name: string) => JSON.stringify(JSON.parse(name)),
  },
] as const

interface Scene {
  readonly bench: Bench
  readonly client: RawClient
  readonly puppet: Puppet
}

async function open(path: string): Promise<Scene> {
  const script = modernScript({ 'tools/list': '{"tools":[],"resultType":"complete","ttlMs":0,"cacheScope":"private"}' })
  const bench = await startBench({ one: script }, { requestTimeoutMs: 5000 })
  const client = bench.client(path)
  const params = `{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}`
  // Answered when the one server has told what it is.
  const body = `{"jsonrpc":"2.0","id":1,"method":"server/discover","params":${params}}`
  const { status } = await client.post(headersOf('server/discover'), body).reply
  strictEqual(status, 200)
  return { bench, client, puppet: bench.all[0] ?? refused('no server was started') }
}

function headersOf(method: string, name?: string): Record<string, string> {
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }
  if (name === undefined) return headers
  const text = JSON.parse(name) as string
  return { ...headers, 'mcp-name': `=?base64?${Buffer.from(text).toString('base64')}?=` }
}

function refused(body: string): never {
  throw new Error(`answered before the server was: ${body}`)
}

function arrival(puppet: Puppet, { reply }: Exchange): Promise<string> {
  return Promise.race([puppet.next(), reply.then(({ body }) => refused(body))])
}

const idOf = (line: string): string => String(JSON.parse(line).id)

const envelope = {
  'io.modelcontextprotocol/protocolVersion': spelled('2026-07-28'),
  'io.modelcontextprotocol/clientCapabilities': fc.oneof(
    fc.constant('{}'),
    valueText.map((value) => `{"x":${value}}`),
  ),
  'io.modelcontextprotocol/logLevel': spelled('debug'),
}
const callText = requestText({
  method: 'tools/call',
  params: { name: fc.constant(slot('name')), arguments: fc.constant('{}') },
  meta: { ...envelope, progressToken: fc.constant(slot('token')) },
})
/** A header carries characters, and half of one is none. */
const name = stringText(20).filter((text) => !/\p{Surrogate}/u.test(JSON.parse(text) as string))
const call = fc.record({ request: callText, id: scalarText, token: scalarText, name, answer: answerText })
const logText = notificationText({ method: 'notifications/message' })
const progressText = notificationText({
  method: 'notifications/progress',
  params: { progressToken: fc.constant(slot('token')) },
})
const listenText = requestText({
  method: 'subscriptions/listen',
  params: { notifications: fc.constant('{}') },
  meta: envelope,
})
const subscription = { 'io.modelcontextprotocol/subscriptionId': fc.constant(slot('subscription')) }
const acknowledgedText = notificationText({
  method: 'notifications/subscriptions/acknowledged',
  params: { notifications: fc.constant('{"toolsListChanged":true}') },
  meta: subscription,
})
const changedText = fc
  .constantFrom('notifications/tools/list_changed', 'notifications/resources/updated')
  .chain((method) => notificationText({ method, meta: subscription }))

for (const { path, publicName, realName } of endpoints) {
  const stage = new Stage(
    () => open(path),
    ({ bench }) => bench.stop(),
  )
  t.teardown(() => stage.stop())

  t.test(`${path}: a request and its answer`, async (t) => {
    const done = await stage.holds(
      call,
      async ({ client, puppet }, { request, id, token, name, answer }) => {
        const shown = publicName(name)
        const exchange = client.post(headersOf('tools/call', shown), render(request, { id, token, name: shown }))
        const line = await arrival(puppet, exchange)
        const own = idOf(line)
        strictEqual(line, flat(render(request, { id: own, token: own, name: realName(name) })).trim())
        puppet.write(`${renderLine(answer, { id: own })}\n`)
        const { messages } = await exchange.reply
        strictEqual(flat(messages.join('\n')), flat(render(answer, { id })).trim())
      },
      { runs: 500, ms: 3000 },
    )
    t.ok(done > 20, `${done} runs`)
  })

  t.test(`${path}: what a server says before its answer, as events`, async (t) => {
    const events = fc.array(fc.oneof(logText, progressText), { minLength: 1, maxLength: 3 })
    const done = await stage.holds(
      fc.tuple(call, events),
      async ({ client, puppet }, [{ request, id, token, name, answer }, events]) => {
        const shown = publicName(name)
        const exchange = client.post(headersOf('tools/call', shown), render(request, { id, token, name: shown }))
        const own = idOf(await arrival(puppet, exchange))
        for (const event of events) puppet.write(`${renderLine(event, { token: own })}\n`)
        puppet.write(`${renderLine(answer, { id: own })}\n`)
        const { messages } = await exchange.reply
        const expected = [...events.map((event) => render(event, { token })), render(answer, { id })]
        strictEqual(messages.join('\n'), expected.map((it) => flat(it).trim()).join('\n'))
      },
      { runs: 300, ms: 2000 },
    )
    t.ok(done > 20, `${done} runs`)
  })

  t.test(`${path}: changes that a client listens to`, async (t) => {
    const texts = fc.record({
      listen: listenText,
      id: scalarText,
      acknowledged: acknowledgedText,
      changed: changedText,
    })
    const done = await stage.holds(
      texts,
      async ({ client, puppet }, { listen, id, acknowledged, changed }) => {
        const exchange = client.post(headersOf('subscriptions/listen'), render(listen, { id }))
        const line = await arrival(puppet, exchange)
        const own = idOf(line)
        strictEqual(line, flat(render(listen, { id: own })).trim())
        puppet.write(`${renderLine(acknowledged, { subscription: own })}\n`)
        const first = await exchange.events.next()
        // On `/mcp` the acknowledgement is the gateway's own: it is for all servers.
        if (path !== '/mcp') strictEqual(first, flat(render(acknowledged, { subscription: id })).trim())
        puppet.write(`${renderLine(changed, { subscription: own })}\n`)
        strictEqual(await exchange.events.next(), flat(render(changed, { subscription: id })).trim())
        exchange.disconnect()
        strictEqual(JSON.parse(await puppet.next()).method, 'notifications/cancelled')
      },
      { runs: 150, ms: 2000 },
    )
    t.ok(done > 15, `${done} runs`)
  })

  t.test(`${path}: the end of what a client listens to`, async (t) => {
    const texts = fc.record({ listen: listenText, id: scalarText, acknowledged: acknowledgedText, ended: endedText })
    const done = await stage.holds(
      texts,
      async ({ client, puppet }, { listen, id, acknowledged, ended }) => {
        const exchange = client.post(headersOf('subscriptions/listen'), render(listen, { id }))
        const own = idOf(await arrival(puppet, exchange))
        puppet.write(`${renderLine(acknowledged, { subscription: own })}\n`)
        await exchange.events.next()
        puppet.write(`${renderLine(ended, { id: own, subscription: own })}\n`)
        const last = (await exchange.reply).messages.at(-1) ?? ''
        // On `/mcp` the answer is the gateway's own, too.
        if (path === '/mcp') strictEqual(last.includes('subscriptionId'), true)
        else strictEqual(last, flat(render(ended, { id, subscription: id })).trim())
      },
      { runs: 100, ms: 2000 },
    )
    t.ok(done > 10, `${done} runs`)
  })
}
