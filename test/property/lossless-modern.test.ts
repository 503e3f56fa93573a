/** Between a client without a session and its server nothing changes but ids and tokens, on `/mcp` names, and line breaks between tokens. */
import { strictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import type { ScanChunk } from '../../lib/protocol/scan.ts'
import { arrival, endpoints, idOf, refused } from '../support/endpoints.ts'
import { envelope, headersOf, logText, modernCall, progressText } from '../support/odd-calls.ts'
import { scalarText } from '../support/odd-json.ts'
import { endedText, flat, notificationText, render, renderLine, requestText, slot } from '../support/odd-messages.ts'
import type { Puppet } from '../support/puppet.ts'
import type { RawClient } from '../support/raw-client.ts'
import { type Bench, modernScript, startBench } from '../support/relay-bench.ts'
import { Stage } from '../support/stage.ts'

interface Scene {
  readonly bench: Bench
  readonly client: RawClient
  readonly puppet: Puppet
}

async function open(path: string, scan: ScanChunk): Promise<Scene> {
  const script = modernScript({ 'tools/list': '{"tools":[],"resultType":"complete","ttlMs":0,"cacheScope":"private"}' })
  const bench = await startBench({ one: script }, {}, scan)
  const client = bench.client(path)
  const params = `{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}`
  // Answered when the one server has told what it is.
  const body = `{"jsonrpc":"2.0","id":1,"method":"server/discover","params":${params}}`
  const { status } = await client.post(headersOf('server/discover'), body).reply
  strictEqual(status, 200)
  return { bench, client, puppet: bench.all[0] ?? refused('no server was started') }
}

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

for (const { path, scanner, scan, publicName, realName } of endpoints) {
  const title = `${path}, ${scanner} scanner`
  const stage = new Stage(
    () => open(path, scan),
    ({ bench }) => bench.stop(),
  )
  t.teardown(() => stage.stop())

  t.test(`${title}: a request and its answer`, async (t) => {
    await stage.ready()
    const done = await stage.holds(
      modernCall,
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
      { runs: 500, ms: 1500 },
    )
    t.ok(done > 4, `${done} runs`)
  })

  t.test(`${title}: what a server says before its answer, as events`, async (t) => {
    const events = fc.array(fc.oneof(logText, progressText), { minLength: 1, maxLength: 3 })
    await stage.ready()
    const done = await stage.holds(
      fc.tuple(modernCall, events),
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
      { runs: 300, ms: 1000 },
    )
    t.ok(done > 4, `${done} runs`)
  })

  t.test(`${title}: changes that a client listens to`, async (t) => {
    const texts = fc.record({
      listen: listenText,
      id: scalarText,
      acknowledged: acknowledgedText,
      changed: changedText,
    })
    await stage.ready()
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
      { runs: 150, ms: 1000 },
    )
    t.ok(done > 4, `${done} runs`)
  })

  t.test(`${title}: the end of what a client listens to`, async (t) => {
    const texts = fc.record({ listen: listenText, id: scalarText, acknowledged: acknowledgedText, ended: endedText })
    await stage.ready()
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
      { runs: 100, ms: 1000 },
    )
    t.ok(done > 4, `${done} runs`)
  })
}
