/** Questions of servers (sampling and the like): each to the session whose call caused it, each answer back to who asked. */
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { jsonHeaders, type Message, openSession, type WireSession } from '../fixtures/wire.ts'

const { gateway, url } = await startGateway([
  server('left', [fixtureServer('legacy.mjs'), 'left']),
  server('right', [fixtureServer('legacy.mjs'), 'right']),
])
t.teardown(() => gateway.stop(0))

/** Calls `sample` and gives the messages of the response one by one. */
async function* sampling(
  path: string,
  session: WireSession,
  id: number,
  name: string,
  value: string,
): AsyncGenerator<Message> {
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { value } } })
  const response = await fetch(url + path, { method: 'POST', headers: { ...session.headers, ...jsonHeaders }, body })
  let rest = ''
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data: {')) yield JSON.parse(line.slice(6))
  }
}

async function next(messages: AsyncGenerator<Message>): Promise<Message> {
  const { value } = await messages.next()
  return value
}

const answerTo = (question: Message, text: string) => ({
  id: question.id,
  result: { model: 'm', role: 'assistant', content: { type: 'text', text } },
})

t.test('two servers of one session ask at once, with the same id, and each gets its own answer', async (t) => {
  const session = await openSession(`${url}/mcp`, { sampling: {} })
  const [left, right] = [
    sampling('/mcp', session, 1, 'left__sample', 'from left'),
    sampling('/mcp', session, 2, 'right__sample', 'from right'),
  ]
  const [askedLeft, askedRight] = await Promise.all([next(left), next(right)])
  t.match(askedLeft, { method: 'sampling/createMessage', params: { messages: [{ content: { text: 'from left' } }] } })
  t.match(askedRight, { method: 'sampling/createMessage', params: { messages: [{ content: { text: 'from right' } }] } })
  t.not(askedLeft.id, askedRight.id)
  await session.post(answerTo(askedRight, 'answer for right'))
  await session.post(answerTo(askedLeft, 'answer for left'))
  t.match(await next(left), { id: 1, result: { content: [{ text: /answer for left/ }] } })
  t.match(await next(right), { id: 2, result: { content: [{ text: /answer for right/ }] } })
})

t.test('an answer of another session, and a second answer, reach nobody', async (t) => {
  const [mine, other] = await Promise.all([
    openSession(`${url}/mcp/left`, { sampling: {} }),
    openSession(`${url}/mcp/left`),
  ])
  const messages = sampling('/mcp/left', mine, 1, 'sample', 'v')
  const question = await next(messages)
  t.equal((await other.post(answerTo(question, 'forged'))).status, 202)
  t.equal((await mine.post({ id: 999, result: {} })).status, 202)
  await mine.post(answerTo(question, 'true'))
  t.match(await next(messages), { id: 1, result: { content: [{ text: /true/ }] } })
  t.equal((await mine.post(answerTo(question, 'late'))).status, 202)
  t.match(await mine.post({ id: 2, method: 'ping' }), { messages: [{ id: 2, result: {} }] })
})

t.test('a call whose server waits for the client does not time out', async (t) => {
  const hurried = await startGateway([
    server('left', [fixtureServer('legacy.mjs'), 'left'], { requestTimeoutMs: 1000 }),
  ])
  t.teardown(() => hurried.gateway.stop(0))
  const session = await openSession(`${hurried.url}/mcp/left`, { sampling: {} })
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'sample', arguments: { value: 'v' } },
  })
  const response = await fetch(`${hurried.url}/mcp/left`, {
    method: 'POST',
    headers: { ...session.headers, ...jsonHeaders },
    body,
  })
  // Three time-outs long: a person thinks.
  await new Promise((resolve) => setTimeout(resolve, 2500))
  await session.post(answerTo({ id: 1 }, 'thought over'))
  t.match(await response.text(), /thought over/)
})
