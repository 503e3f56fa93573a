/** Servers that crash, hang, answer much or never; clients that stop reading, disconnect or cancel. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway, type TestGateway } from '../fixtures/gateway.ts'
import { begin, jsonHeaders, listen, openSession, post, said } from '../fixtures/wire.ts'

const legacy = (name: string, overrides = {}, ...args: string[]) =>
  server(name, [fixtureServer('legacy.mjs'), name, ...args], overrides)

const hang = { name: 'hang', arguments: {}, _meta: { progressToken: 0 } }

async function gatewayFor(t: Test, ...args: Parameters<typeof startGateway>): Promise<TestGateway> {
  const started = await startGateway(...args)
  t.teardown(() => started.gateway.stop(0))
  return started
}

t.test('a result of 16 MiB passes', async (t) => {
  const { url } = await gatewayFor(t, [legacy('fix')])
  const session = await openSession(`${url}/mcp/fix`)
  const bytes = 16 * 1024 * 1024
  t.equal(said(await session.call(1, 'big', { bytes })).length, bytes)
})

t.test('a result above the limit fails its own call, at once, and the session works on', async (t) => {
  const { url } = await gatewayFor(t, [legacy('fix')], { maxMessageBytes: 1024 * 1024 })
  const session = await openSession(`${url}/mcp/fix`)
  const [big, small] = await Promise.all([
    session.call(1, 'big', { bytes: 2_000_000 }),
    session.call(2, 'echo', { value: 'small' }),
  ])
  t.match(big.messages, [{ id: 1, error: { message: /longer than 1048576 bytes/ } }])
  t.equal(said(small), 'small')
})

t.test(
  'a server that crashes fails every call in flight at once, with its last words; the next call starts it again',
  async (t) => {
    const { url } = await gatewayFor(t, [legacy('fix')])
    for (const path of ['/mcp', '/mcp/fix']) {
      const session = await openSession(url + path)
      const prefix = path === '/mcp' ? 'fix__' : ''
      const before = said(await session.call(0, `${prefix}whoami`))
      const [hanging, crashing] = await Promise.all([
        session.call(1, `${prefix}hang`),
        session.call(2, `${prefix}crash`),
      ])
      for (const answer of [hanging, crashing]) {
        t.match(answer.messages, [{ error: { code: -31502, message: /exited with code 7.*about to crash/ } }])
      }
      const after = said(await session.call(3, `${prefix}whoami`))
      t.match(after, /^fix:\d+:1$/)
      t.not(after, before)
    }
  },
)

t.test("a crash of one session's copy is not felt by another session", async (t) => {
  const { url } = await gatewayFor(t, [legacy('fix')])
  const [one, two] = await Promise.all([openSession(`${url}/mcp/fix`), openSession(`${url}/mcp/fix`)])
  const [, answer] = await Promise.all([one.call(1, 'crash'), two.call(1, 'steps', { count: 30, value: 'v' })])
  t.equal(said(answer), 'v')
})

t.test('a server that does not start is told by name, and stops no other', async (t) => {
  const { url, lines } = await gatewayFor(t, [legacy('good'), server('bad', [], { command: '/nowhere/program' })])
  const session = await openSession(`${url}/mcp`)
  const listed = await session.post({ id: 1, method: 'tools/list' })
  t.ok(listed.messages[0]?.result.tools.length > 0)
  const refused = await post(`${url}/mcp/bad`, { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} })
  t.match(refused.messages, [{ id: 1, error: { message: /"bad" does not start/ } }])
  t.ok(lines.some(({ level, text }) => level === 'error' && text.includes('"bad" does not start')))
})

t.test('a call that takes too long ends with TIMEOUT and is cancelled', async (t) => {
  const { url } = await gatewayFor(t, [legacy('fix', { requestTimeoutMs: 2000 })])
  const session = await openSession(`${url}/mcp/fix`)
  const answer = await session.call(1, 'hang')
  t.match(answer.messages, [{ id: 1, error: { code: -31504, message: /within 2 s/ } }])
  t.equal(said(await session.call(2, 'cancellations')), '1')
})

t.test('a cancelled call ends its stream without an answer, and the server is told under its own id', async (t) => {
  const { url } = await gatewayFor(t, [legacy('fix', {}, 'answer-cancelled')])
  const session = await openSession(`${url}/mcp/fix`)
  const hanging = await begin(`${url}/mcp/fix`, session.headers, hang, 'mine')
  await session.post({ method: 'notifications/cancelled', params: { requestId: 'mine', reason: 'test' } })
  t.same(await hanging.rest, [])
  t.equal(said(await session.call(3, 'cancellations')), '1')
})

t.test('a legacy client that disconnects does not cancel its call', async (t) => {
  const { url } = await gatewayFor(t, [legacy('fix')])
  const session = await openSession(`${url}/mcp/fix`)
  const hanging = await begin(`${url}/mcp/fix`, session.headers, hang)
  hanging.disconnect()
  await t.rejects(hanging.rest)
  t.equal(said(await session.call(3, 'cancellations')), '0')
})

t.test('a slow reader does not slow another session, and its own server waits for it', async (t) => {
  const { url, port } = await gatewayFor(t, [legacy('fix')])
  const [slow, quick] = await Promise.all([openSession(`${url}/mcp/fix`), openSession(`${url}/mcp/fix`)])
  const sockets = await Promise.all(
    [1, 2, 3].map((id) => rawCall(port, '/mcp/fix', slow.headers, 'big', { bytes: 8 * 1024 * 1024 }, id)),
  )
  for (const socket of sockets) socket.pause()
  for (let id = 1; id <= 50; id += 1)
    t.equal(said(await quick.call(id, 'echo', { value: String(id) })), String(id), 'while nobody reads')
  for (const socket of sockets) {
    let bytes = 0
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes > 8 * 1024 * 1024) socket.destroy()
    })
    socket.resume()
    await once(socket, 'close')
    t.ok(bytes > 8 * 1024 * 1024, 'it gets everything in the end')
  }
})

t.test('what a server says between calls waits for the GET stream', async (t) => {
  const { url } = await gatewayFor(t, [legacy('fix')])
  const session = await openSession(`${url}/mcp/fix`)
  await session.call(1, 'announce')
  const stream = await listen(`${url}/mcp/fix`, session.headers)
  t.equal(stream.response.headers.get('x-accel-buffering'), 'no')
  t.match(await stream.next(), { method: 'notifications/tools/list_changed' })
  stream.close()
})

t.test('resources of several servers are read from the one that has them, listed or not', async (t) => {
  const { url } = await gatewayFor(t, [legacy('one'), legacy('two')])
  const session = await openSession(`${url}/mcp`)
  for (const uri of ['one://one', 'two://one', 'two://item/7', 'one://unlisted/and/deep']) {
    const { messages } = await session.post({ id: uri, method: 'resources/read', params: { uri } })
    t.match(messages, [{ id: uri, result: { contents: [{ text: `${uri} of ${uri.slice(0, 3)}` }] } }])
  }
  const { messages } = await session.post({ id: 9, method: 'resources/read', params: { uri: 'three://one' } })
  t.match(messages, [{ id: 9, error: { code: -32002 } }])
})

t.test('when the gateway stops, calls in flight get an answer or an error, and no server is left', async (t) => {
  const { url, gateway, running } = await startGateway([legacy('fix')])
  const session = await openSession(`${url}/mcp/fix`)
  const hanging = await begin(`${url}/mcp/fix`, session.headers, hang)
  await gateway.stop(100)
  t.match(await hanging.rest, [{ id: 1, error: { message: /./ } }])
  t.equal(running.size, 0)
})

/** A call on a socket of its own, which the test can stop reading or destroy. Resolves when the request was written. */
async function rawCall(port: number, path: string, headers: Record<string, string>, name: string, args = {}, id = 1) {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: `raw${id}`,
    method: 'tools/call',
    params: { name, arguments: args },
  })
  const lines = Object.entries({
    ...jsonHeaders,
    ...headers,
    host: `127.0.0.1:${port}`,
    'content-length': String(body.length),
  })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  await new Promise<void>((resolve) => {
    socket.write(
      `POST ${path} HTTP/1.1\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n${body}`,
      () => resolve(),
    )
  })
  return socket
}
