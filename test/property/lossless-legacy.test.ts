/** Between a client with a session and its server nothing changes but ids, on `/mcp` names too, and line breaks between tokens. */
import { strictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import type { ScanChunk } from '../../lib/protocol/scan.ts'
import { arrival, endpoints, idOf, refused } from '../support/endpoints.ts'
import { legacyCall, progressText } from '../support/odd-calls.ts'
import { scalarText } from '../support/odd-json.ts'
import { answerText, flat, notificationText, render, renderLine, requestText, slot } from '../support/odd-messages.ts'
import type { Puppet } from '../support/puppet.ts'
import type { Exchange } from '../support/raw-client.ts'
import { type Bench, legacyScript, openRawSession, type RawSession, startBench } from '../support/relay-bench.ts'
import { Stage } from '../support/stage.ts'

interface Scene {
  readonly bench: Bench
  readonly session: RawSession
  readonly puppet: Puppet
  /** The GET stream. */
  readonly stream: Exchange
}

async function open(path: string, scan: ScanChunk): Promise<Scene> {
  const script = legacyScript({ 'tools/list': '{"tools":[{"name":"open","inputSchema":{"type":"object"}}]}' })
  const bench = await startBench({ one: script }, {}, scan)
  const session = await openRawSession(bench.client(path), { sampling: {} })
  const stream = session.client.get(session.headers)
  await stream.begun
  // On `/mcp` a server is started by the first call to it.
  const name = path === '/mcp' ? 'one__open' : 'open'
  const first = session.client.post(
    session.headers,
    `{"jsonrpc":"2.0","id":"first","method":"tools/call","params":{"name":"${name}"}}`,
  )
  const puppet = await Promise.race([copyThatIsCalled(bench), first.reply.then(({ body }) => refused(body))])
  puppet.write(`{"jsonrpc":"2.0","id":${JSON.parse(await puppet.next()).id},"result":{}}\n`)
  await first.reply
  return { bench, session, puppet, stream }
}

/** The gateway's own asking has a copy, too. */
async function copyThatIsCalled({ all }: Bench): Promise<Puppet> {
  for (;;) {
    for (const puppet of all) {
      const lines = puppet.take()
      for (const line of lines) puppet.onLine(line)
      if (lines.length > 0) return puppet
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Notifications that have no meaning of their own to a gateway, or one that lets them through. */
const related = ['notifications/message', 'notifications/x', 'x'] as const
const eventOf = (...methods: string[]) => fc.constantFrom(...methods).chain((method) => notificationText({ method }))
const relatedText = eventOf(...related)
const eventText = eventOf(...related, 'notifications/tools/list_changed', 'notifications/resources/updated')
const questionMethod = fc.constantFrom('sampling/createMessage', 'elicitation/create', 'roots/list', 'x/question')
const questionText = fc
  .tuple(questionMethod, fc.boolean())
  .chain(([method, hasToken]) =>
    requestText(hasToken ? { method, meta: { progressToken: fc.constant(slot('token')) } } : { method }),
  )

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
      legacyCall,
      async ({ session, puppet }, { request, id, token, name, answer }) => {
        const exchange = session.client.post(session.headers, render(request, { id, token, name: publicName(name) }))
        const line = await arrival(puppet, exchange)
        strictEqual(line, flat(render(request, { id: idOf(line), token, name: realName(name) })).trim())
        puppet.write(`${renderLine(answer, { id: idOf(line) })}\n`)
        const { messages } = await exchange.reply
        strictEqual(flat(messages.join('\n')), flat(render(answer, { id })).trim())
      },
      { runs: 500, ms: 1500 },
    )
    t.ok(done > 4, `${done} runs`)
  })

  t.test(`${title}: what a server says before its answer, as events`, async (t) => {
    const events = fc.array(fc.oneof(relatedText, progressText), { minLength: 1, maxLength: 3 })
    await stage.ready()
    const done = await stage.holds(
      fc.tuple(legacyCall, events),
      async ({ session, puppet }, [{ request, id, token, name, answer }, events]) => {
        const exchange = session.client.post(session.headers, render(request, { id, token, name: publicName(name) }))
        const upstreamId = idOf(await arrival(puppet, exchange))
        for (const event of events) puppet.write(`${renderLine(event, { token })}\n`)
        puppet.write(`${renderLine(answer, { id: upstreamId })}\n`)
        const { messages } = await exchange.reply
        const expected = [...events.map((event) => render(event, { token })), render(answer, { id })]
        strictEqual(messages.join('\n'), expected.map((it) => flat(it).trim()).join('\n'))
      },
      { runs: 300, ms: 1000 },
    )
    t.ok(done > 4, `${done} runs`)
  })

  t.test(`${title}: what a server says on the GET stream`, async (t) => {
    await stage.ready()
    const done = await stage.holds(
      eventText,
      async ({ puppet, stream }, event) => {
        puppet.write(`${renderLine(event)}\n`)
        strictEqual(await stream.events.next(), flat(render(event)).trim())
      },
      { runs: 200, ms: 1000 },
    )
    t.ok(done > 4, `${done} runs`)
  })

  t.test(`${title}: a question of a server, progress on it, and its answer`, async (t) => {
    const texts = fc.record({
      question: questionText,
      id: scalarText,
      token: scalarText,
      progress: progressText,
      answer: answerText,
    })
    await stage.ready()
    const done = await stage.holds(
      texts,
      async ({ session: { client, headers }, puppet, stream }, { question, id, token, progress, answer }) => {
        puppet.write(`${renderLine(question, { id, token })}\n`)
        const asked = await stream.events.next()
        const own = idOf(asked)
        strictEqual(asked, flat(render(question, { id: own, token: own })).trim())
        if (question.includes(slot('token'))) {
          await client.post(headers, render(progress, { token: own })).reply
          strictEqual(await puppet.next(), flat(render(progress, { token })).trim())
        }
        await client.post(headers, render(answer, { id: own })).reply
        strictEqual(await puppet.next(), flat(render(answer, { id })).trim())
      },
      { runs: 300, ms: 1000 },
    )
    t.ok(done > 4, `${done} runs`)
  })

  t.test(`${title}: a question that is taken back`, async (t) => {
    const cancelText = notificationText({
      method: 'notifications/cancelled',
      params: { requestId: fc.constant(slot('request')) },
    })
    await stage.ready()
    const done = await stage.holds(
      fc.tuple(questionText, cancelText, scalarText),
      async ({ puppet, stream }, [question, cancel, id]) => {
        puppet.write(`${renderLine(question, { id, token: '1' })}\n`)
        const own = idOf(await stream.events.next())
        puppet.write(`${renderLine(cancel, { request: id })}\n`)
        strictEqual(await stream.events.next(), flat(render(cancel, { request: own })).trim())
      },
      { runs: 100, ms: 1000 },
    )
    t.ok(done > 4, `${done} runs`)
  })

  t.test(`${title}: notifications of a client, the end of a call among them`, async (t) => {
    const cancelText = notificationText({
      method: 'notifications/cancelled',
      params: { requestId: fc.constant(slot('request')) },
    })
    const noticeText = notificationText({ method: 'notifications/roots/list_changed' })
    await stage.ready()
    const done = await stage.holds(
      fc.tuple(legacyCall, noticeText, cancelText),
      async ({ session: { client, headers }, puppet }, [{ request, id, token, name }, notice, cancel]) => {
        const exchange = client.post(headers, render(request, { id, token, name: publicName(name) }))
        const upstreamId = idOf(await arrival(puppet, exchange))
        strictEqual((await client.post(headers, render(notice)).reply).status, 202)
        strictEqual(await puppet.next(), flat(render(notice)).trim())
        strictEqual((await client.post(headers, render(cancel, { request: id })).reply).status, 202)
        strictEqual(await puppet.next(), flat(render(cancel, { request: upstreamId })).trim())
        strictEqual((await exchange.reply).messages.join('\n'), '')
      },
      { runs: 100, ms: 1000 },
    )
    t.ok(done > 4, `${done} runs`)
  })
}
