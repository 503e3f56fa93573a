/** Questions of servers (sampling and the like): each to the session whose call caused it, each answer back to who asked. */
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { type Message, openSession, openStream, type Stream, type WireSession } from '../fixtures/wire.ts'

const { gateway, url } = await startGateway([
  server('left', [fixtureServer('legacy.mjs'), 'left']),
  server('right', [fixtureServer('legacy.mjs'), 'right']),
])
t.teardown(() => gateway.stop(0))

/** Calls `sample`: the response is read message by message. */
function sampling(url: string, session: WireSession, id: number, name: string, value: string): Promise<Stream> {
  const params = { name, arguments: { value } }
  return openStream(url, { jsonrpc: '2.0', id, method: 'tools/call', params }, session.headers)
}

const answerTo = (question: Message | undefined, text: string) => ({
  id: question?.id,
  result: { model: 'm', role: 'assistant', content: { type: 'text', text } },
})

t.test('two servers of one session ask at once, with the same id, and each gets its own answer', async (t) => {
  const session = await openSession(`${url}/mcp`, { sampling: {} })
  const [left, right] = await Promise.all([
    sampling(`${url}/mcp`, session, 1, 'left__sample', 'from left'),
    sampling(`${url}/mcp`, session, 2, 'right__sample', 'from right'),
  ])
  const [askedLeft, askedRight] = await Promise.all([left.next(), right.next()])
  t.match(askedLeft, { method: 'sampling/createMessage', params: { messages: [{ content: { text: 'from left' } }] } })
  t.match(askedRight, { method: 'sampling/createMessage', params: { messages: [{ content: { text: 'from right' } }] } })
  t.not(askedLeft?.id, askedRight?.id)
  await session.post(answerTo(askedRight, 'answer for right'))
  await session.post(answerTo(askedLeft, 'answer for left'))
  t.match(await left.next(), { id: 1, result: { content: [{ text: /answer for left/ }] } })
  t.match(await right.next(), { id: 2, result: { content: [{ text: /answer for right/ }] } })
})

t.test('an answer of another session, and a second answer, reach nobody', async (t) => {
  const [mine, other] = await Promise.all([
    openSession(`${url}/mcp/left`, { sampling: {} }),
    openSession(`${url}/mcp/left`),
  ])
  const messages = await sampling(`${url}/mcp/left`, mine, 1, 'sample', 'v')
  const question = await messages.next()
  t.equal((await other.post(answerTo(question, 'forged'))).status, 202)
  t.equal((await mine.post({ id: 999, result: {} })).status, 202)
  await mine.post(answerTo(question, 'true'))
  t.match(await messages.next(), { id: 1, result: { content: [{ text: /true/ }] } })
  t.equal((await mine.post(answerTo(question, 'late'))).status, 202)
  t.match(await mine.post({ id: 2, method: 'ping' }), { messages: [{ id: 2, result: {} }] })
})

t.test('a call whose server waits for the client does not time out', async (t) => {
  const { gateway, url } = await startGateway([
    server('left', [fixtureServer('legacy.mjs'), 'left'], { requestTimeoutMs: 3000 }),
  ])
  t.teardown(() => gateway.stop(0))
  const [session, other] = [
    await openSession(`${url}/mcp/left`, { sampling: {} }),
    await openSession(`${url}/mcp/left`),
  ]
  const waiting = await sampling(`${url}/mcp/left`, session, 1, 'sample', 'v')
  const question = await waiting.next()
  // A person thinks: for longer than a call may take, one of another session that began later.
  t.match((await other.call(2, 'hang')).messages, [{ id: 2, error: { code: -31504 } }])
  await session.post(answerTo(question, 'thought over'))
  t.match(await waiting.next(), { id: 1, result: { content: [{ text: /thought over/ }] } })
})
