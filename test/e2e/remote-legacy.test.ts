/** Servers of the legacy era that run elsewhere, built on SDK 1.x. */
import t from 'tap'
import { remote, startGateway } from '../fixtures/gateway.ts'
import { type LegacyFixture, serveLegacy, serveOldSse } from '../fixtures/remote-servers.ts'
import { listen, openSession, openStream, post, said, send } from '../fixtures/wire.ts'
import { until } from '../support/until.ts'

async function gatewayBefore(t: Parameters<typeof serveLegacy>[0], ...servers: ReturnType<typeof remote>[]) {
  const started = await startGateway(servers)
  t.teardown(() => started.gateway.stop(0))
  return started
}

for (const path of ['/mcp/far', '/mcp']) {
  const tool = (name: string) => (path === '/mcp' ? `far__${name}` : name)

  t.test(`${path}: a session of a Streamable HTTP server does what one of a local server does`, async (t) => {
    const far = await serveLegacy(t)
    const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
    const session = await openSession(`${url}${path}`, { elicitation: {} })
    t.equal(said(await session.call(1, tool('echo'), { text: 'häh? 😀' })), 'häh? 😀')
    const { messages } = await session.call('a', tool('progress'), {}, { progressToken: 'p' })
    t.strictSame(
      messages.map(({ params, result }) => params?.['progress'] ?? result.content[0].text),
      [1, 2, 3, 'done'],
    )
    t.equal(messages.at(-1)?.id, 'a')
    await session.end()
  })

  t.test(`${path}: an HTTP+SSE server is found behind type "http", and named by type "sse"`, async (t) => {
    const far = await serveOldSse(t)
    for (const type of ['http', 'sse'] as const) {
      const { url } = await gatewayBefore(t, remote('far', `${far.origin}/sse`, { type }))
      const session = await openSession(`${url}${path}`)
      t.equal(said(await session.call(1, tool('echo'), { text: type })), type)
      const { messages } = await session.call(2, tool('progress'), {}, { progressToken: 7 })
      t.equal(messages.length, 4)
    }
  })
}

t.test('what the server has to say outside of calls reaches the client, as do its questions', async (t) => {
  const far = await serveLegacy(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const session = await openSession(`${url}/mcp/far`, { elicitation: {} })
  const between = await listen(`${url}/mcp/far`, session.headers)
  t.equal(said(await session.call(1, 'grow')), 'grown')
  t.match(await between.next(), { method: 'notifications/tools/list_changed' })
  const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'ask', arguments: {} } }
  const asking = await openStream(`${url}/mcp/far`, call, session.headers)
  const question = await asking.next()
  t.equal(question?.method, 'elicitation/create')
  await session.post({ id: question?.id, result: { action: 'accept', content: { name: 'Ann' } } })
  t.match(await asking.next(), { id: 2, result: { content: [{ text: /hello Ann/ }] } })
  between.close()
})

t.test('a call goes on when its stream ends before the answer, from behind the last event', async (t) => {
  const far = await serveLegacy(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const session = await openSession(`${url}/mcp/far`)
  t.equal(said(await session.call(1, 'interrupted')), 'still here')
  const resumed = far.seen.find(({ headers }) => headers['last-event-id'] !== undefined)
  t.equal(resumed?.method, 'GET')
})

t.test('the session is kept, and ended, with the headers that belong to it', async (t) => {
  const far = await serveLegacy(t)
  const headers = { Authorization: 'Bearer of-the-gateway', 'X-Team': 'a b' }
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp?k=1`, { headers, protocol: 'legacy' }))
  await openSession(`${url}/mcp/far`).then(async (session) => {
    await session.call(1, 'echo', { text: 'x' })
    await session.end()
  })
  const last = await until(() => far.seen.findLast(({ method }) => method === 'DELETE'))
  t.match(last.headers, { 'mcp-protocol-version': '2025-11-25', authorization: 'Bearer of-the-gateway' })
  for (const { headers, url } of far.seen) {
    t.match(headers, { authorization: 'Bearer of-the-gateway', 'x-team': 'a b', 'accept-encoding': 'identity' })
    t.equal(url, '/mcp?k=1')
  }
})

t.test('what a client sends to authenticate itself stays here', async (t) => {
  const far = await serveLegacy(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const opening = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
  }
  await post(`${url}/mcp/far`, opening, {
    authorization: 'Bearer of-the-client',
    cookie: 'a=b',
    'x-forwarded-for': '10.1.1.1',
  })
  t.notMatch(JSON.stringify(far.seen), /of-the-client|a=b|10\.1\.1\.1/)
})

t.test(
  'a server that forgets its session fails the calls in flight at once, and the next one begins anew',
  async (t) => {
    const far: LegacyFixture = await serveLegacy(t)
    const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
    const session = await openSession(`${url}/mcp/far`)
    const waiting = session.call(1, 'wait')
    await until(() => far.seen.find(({ body }) => body.includes('"wait"')))
    far.forget()
    const [first, second] = await Promise.all([session.call(2, 'echo', { text: 'x' }), waiting])
    for (const { messages } of [first, second]) t.match(messages.at(-1)?.error, { code: -31502 })
    t.match(first.text, /HTTP status 404|has ended the session/)
    t.equal(said(await session.call(3, 'echo', { text: 'again' })), 'again')
  },
)

t.test('a server that is cut off in the middle of a call fails it, and works again when it is back', async (t) => {
  const far = await serveOldSse(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/sse`, { type: 'sse' }))
  const session = await openSession(`${url}/mcp/far`)
  const waiting = session.call(1, 'wait')
  await until(() => far.seen.find(({ body }) => body.includes('"wait"')))
  far.cut()
  t.match((await waiting).messages.at(-1)?.error, { code: -31502, message: /Server "far" ended its stream/ })
  t.equal(said(await session.call(2, 'echo', { text: 'back' })), 'back')
})

t.test('a cancelled call is cancelled there too', async (t) => {
  const far = await serveLegacy(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const session = await openSession(`${url}/mcp/far`)
  const waiting = session.call(1, 'wait')
  const call = await until(() => far.seen.find(({ body }) => body.includes('"wait"')))
  await session.post({ method: 'notifications/cancelled', params: { requestId: 1 } })
  t.strictSame((await waiting).messages, [])
  const told = await until(() => far.seen.find(({ body }) => body.includes('notifications/cancelled')))
  t.equal(JSON.parse(told.body).params.requestId, JSON.parse(call.body).id)
  t.equal(said(await session.call(2, 'echo', { text: 'x' })), 'x')
})

t.test('DELETE of the client is DELETE to the server', async (t) => {
  const far = await serveLegacy(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const session = await openSession(`${url}/mcp/far`)
  t.equal((await send(`${url}/mcp/far`, 'DELETE', session.headers)).status < 300, true)
  await until(() => far.sessions === 0)
})
