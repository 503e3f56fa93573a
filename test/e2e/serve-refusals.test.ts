/** What the HTTP side refuses, each beside what it lets through. */
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import {
  begin,
  type Exchange,
  jsonHeaders,
  openingOf,
  openSession,
  openStream,
  post,
  said,
  send,
} from '../fixtures/wire.ts'
import { until } from '../support/until.ts'

const fix = server('fix', [fixtureServer('legacy.mjs'), 'fix'])
const dual = server('dual', [fixtureServer('dual.mjs'), 'dual'])
const { gateway, url, port } = await startGateway([fix, dual], {
  allowedHosts: ['gateway.example'],
  allowedOrigins: ['https://page.example'],
})
t.teardown(() => gateway.stop(0))

const opening = JSON.stringify(openingOf())
const open = (headers: Record<string, string>) =>
  send(`${url}/mcp/fix`, 'POST', { ...jsonHeaders, ...headers }, opening)

function refused(t: Test, exchange: Exchange, status: number, message: RegExp): void {
  t.equal(exchange.status, status)
  t.match(exchange.messages, [{ error: { message } }])
}

t.test('a Host that is not ours is refused, one that is ours or allowed is not', async (t) => {
  for (const host of ['evil.example.com', `evil.example.com:${port}`, '127.0.0.1:1', 'localhost.evil.example']) {
    refused(t, await open({ host }), 403, /Host header/)
  }
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `[::1]:${port}`,
    'gateway.example',
    'gateway.example:8443',
  ]) {
    t.equal((await open({ host })).status, 200, host)
  }
})

t.test('a page of another origin is refused, one of ours or an allowed one is not', async (t) => {
  for (const origin of ['http://evil.example.com', 'null', `https://127.0.0.1:${port}`, 'http://localhost:1']) {
    refused(t, await open({ origin }), 403, /origin/)
  }
  for (const origin of [`http://127.0.0.1:${port}`, 'https://page.example'])
    t.equal((await open({ origin })).status, 200, origin)
})

t.test('a header that decides something is refused when it comes twice', async (t) => {
  for (const name of ['Host', 'Mcp-Session-Id', 'Authorization', 'Content-Type', 'Origin', 'MCP-Protocol-Version']) {
    const pairs = Object.entries({ host: `127.0.0.1:${port}`, ...jsonHeaders }).flat()
    const exchange = await send(`${url}/mcp/fix`, 'POST', [...pairs, name, 'a', name, 'b'], opening)
    t.equal(exchange.status, 400, name)
  }
})

t.test('only JSON is taken, and only clients that accept both kinds of answer', async (t) => {
  refused(t, await open({ 'content-type': 'text/plain' }), 415, /application\/json/)
  refused(t, await open({ accept: 'application/json' }), 406, /text\/event-stream/)
  t.equal((await open({ 'content-type': 'application/json; charset=utf-8', accept: '*/*' })).status, 200)
})

t.test('what is no single JSON-RPC message is refused', async (t) => {
  const cases: [string, RegExp][] = [
    ['{"jsonrpc":', /no JSON message/],
    ['', /no JSON message/],
    [`[${opening}]`, /batches/],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","id":2}', /twice/],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","\\u0069d":2}', /twice/],
    ['{"jsonrpc":"2.0","id":{}, "method":"ping"}', /no JSON-RPC message/],
    ['{"hello":1}', /no JSON-RPC message/],
  ]
  for (const [body, message] of cases) refused(t, await send(`${url}/mcp/fix`, 'POST', jsonHeaders, body), 400, message)
})

t.test('a body above the limit is refused without reading it', async (t) => {
  const small = await startGateway([fix], { maxMessageBytes: 2000 })
  t.teardown(() => small.gateway.stop(0))
  const long = JSON.stringify({ ...openingOf(), padding: 'x'.repeat(3000) })
  refused(
    t,
    await send(`${small.url}/mcp/fix`, 'POST', { ...jsonHeaders, 'content-length': String(long.length) }, long),
    413,
    /2000 bytes/,
  )
  refused(
    t,
    await send(`${small.url}/mcp/fix`, 'POST', { ...jsonHeaders, 'transfer-encoding': 'chunked' }, long),
    413,
    /2000 bytes/,
  )
  t.equal((await post(`${small.url}/mcp/fix`, openingOf())).status, 200)
})

t.test('a session is found under its id, by its endpoint, and until it is deleted', async (t) => {
  const session = await openSession(`${url}/mcp/fix`)
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  t.equal((await session.post(list)).status, 200)
  t.equal((await post(`${url}/mcp/fix`, list)).status, 400)
  t.equal((await post(`${url}/mcp/fix`, list, { 'mcp-session-id': 'unknown' })).status, 404)
  t.equal((await post(`${url}/mcp/dual`, list, session.headers)).status, 404)
  t.equal(
    (await post(`${url}/mcp/fix`, list, { ...session.headers, 'mcp-protocol-version': '1999-01-01' })).status,
    400,
  )
  t.equal((await session.end()).status, 200)
  t.equal((await session.post(list)).status, 404)
})

t.test('an id that is in flight is refused, and can be used again afterwards', async (t) => {
  const session = await openSession(`${url}/mcp/fix`)
  const hanging = await begin(`${url}/mcp/fix`, session.headers, {
    name: 'hang',
    arguments: {},
    _meta: { progressToken: 0 },
  })
  refused(t, await session.call(1, 'echo', { value: 'x' }), 400, /in flight/)
  refused(t, await session.post({ id: 1.0, method: 'ping' }), 400, /in flight/)
  await session.post({ method: 'notifications/cancelled', params: { requestId: 1 } })
  await hanging.rest
  t.equal(said(await session.call(1, 'echo', { value: 'again' })), 'again')
})

t.test('initialize in a loop starts no more copies than there may be', async (t) => {
  const bounded = await startGateway([{ ...fix, maxInstances: 3 }], { maxSessions: 5 })
  t.teardown(() => bounded.gateway.stop(0))
  const answers = await Promise.all(Array.from({ length: 40 }, () => post(`${bounded.url}/mcp/fix`, openingOf())))
  const opened = answers.filter(({ status }) => status === 200)
  t.ok(opened.length <= 3)
  for (const answer of answers.filter(({ status }) => status !== 200))
    refused(t, answer, 503, /which is the most there may be/)
  t.ok(bounded.started.length <= 6, `${bounded.started.length} copies were started`)
  const aggregate = await Promise.all(Array.from({ length: 40 }, () => post(`${bounded.url}/mcp`, openingOf())))
  t.ok(aggregate.filter(({ status }) => status === 200).length <= 5)
})

t.test('a session that nothing is heard of ends by itself, with its copy of the server', async (t) => {
  const idle = await startGateway([fix], { sessionIdleMs: 200 })
  t.teardown(() => idle.gateway.stop(0))
  const session = await openSession(`${idle.url}/mcp/fix`)
  t.ok(idle.started.length > 0)
  await until(() => idle.running.size === 0)
  t.equal((await session.call(2, 'whoami')).status, 404)
})

t.test('with a token, requests without it or with another learn nothing', async (t) => {
  const closed = await startGateway([fix], {}, { type: 'static', token: 'correct horse' })
  t.teardown(() => closed.gateway.stop(0))
  for (const path of ['/mcp', '/mcp/fix', '/mcp/nobody']) {
    for (const authorization of ['', 'Bearer wrong', 'Basic correct']) {
      const exchange = await post(closed.url + path, openingOf(), authorization === '' ? {} : { authorization })
      refused(t, exchange, 401, /Authorization/)
      t.match(exchange.headers['www-authenticate'], /^Bearer/)
    }
  }
  t.equal(
    (await post(`${closed.url}/mcp/fix`, openingOf(), { authorization: 'Bearer correct horse' })).status,
    401,
    'a token has no spaces',
  )
  t.equal((await send(`${closed.url}/health`, 'GET', {})).status, 200)
})

t.test('unknown paths and servers are told apart from errors', async (t) => {
  const nothing = await send(`${url}/else`, 'GET', {})
  t.equal(nothing.status, 404)
  t.match(JSON.parse(nothing.text), { error: 'NOT_FOUND', message: /nothing here/ })
  refused(t, await post(`${url}/mcp/nobody`, openingOf()), 404, /no server "nobody"/)
  t.same(Object.keys(JSON.parse((await send(`${url}/health`, 'GET', {})).text)), ['status', 'version'])
})

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}
const modernHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo' }
const modern = (params: object, headers: Record<string, string>, path = '/mcp/dual', method = 'tools/call') =>
  post(
    url + path,
    { jsonrpc: '2.0', id: 1, method, params: { name: 'echo', arguments: { value: 'v' }, ...params } },
    headers,
  )

t.test('a modern request whose headers and body disagree is refused', async (t) => {
  t.equal(said(await modern({ _meta: meta }, modernHeaders)), 'v')
  for (const header of Object.keys(modernHeaders)) {
    const wrong = await modern({ _meta: meta }, { ...modernHeaders, [header]: 'other' })
    t.match(wrong, { status: 400, messages: [{ id: 1, error: { code: -32020 } }] }, header)
  }
  t.equal(said(await modern({ _meta: meta }, { ...modernHeaders, 'mcp-name': '=?base64?ZWNobw==?=' })), 'v')
})

t.test('an incomplete or unknown modern envelope is refused with the error of its kind', async (t) => {
  const { 'io.modelcontextprotocol/clientCapabilities': _, ...incomplete } = meta
  t.match(await modern({ _meta: incomplete }, modernHeaders), { status: 400, messages: [{ error: { code: -32602 } }] })
  t.match(await modern({}, modernHeaders), { status: 400, messages: [{ error: { code: -32602 } }] })
  const later = { ...meta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' }
  const unknown = await modern({ _meta: later }, { ...modernHeaders, 'mcp-protocol-version': '2099-01-01' })
  t.match(unknown, { status: 400, messages: [{ error: { code: -32022, data: { supported: ['2026-07-28'] } } }] })
  const headers = { ...modernHeaders, 'mcp-method': 'ping' }
  t.match(await modern({ _meta: meta }, headers, '/mcp/dual', 'ping'), {
    status: 404,
    messages: [{ error: { code: -32601 } }],
  })
})

t.test('a modern client that disconnects cancels its call', async (t) => {
  const params = { name: 'hang', arguments: {}, _meta: { ...meta, progressToken: 'p' } }
  const hanging = await begin(`${url}/mcp/dual`, { ...modernHeaders, 'mcp-name': 'hang' }, params)
  hanging.disconnect()
  await t.rejects(hanging.rest)
  const count = () => modern({ _meta: meta, name: 'aborted' }, { ...modernHeaders, 'mcp-name': 'aborted' })
  const isTold = async () => said(await count()) === '1'
  t.ok(await until(isTold))
})

t.test('a modern client that disconnects cancels its subscription, and other requests go on', async (t) => {
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' }
  const params = { _meta: meta, notifications: { toolsListChanged: true } }
  const request = { jsonrpc: '2.0', id: 'sub', method: 'subscriptions/listen', params }
  const stream = await openStream(`${url}/mcp/dual`, request, headers)
  t.match(await stream.next(), {
    method: 'notifications/subscriptions/acknowledged',
    params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' } },
  })
  stream.close()
  t.equal(said(await modern({ _meta: meta }, modernHeaders)), 'v')
})
