/** Paths, origins and headers of the HTTP side, each rule beside what it lets through. */
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { jsonHeaders, openingOf, openSession, post, said, send } from '../fixtures/wire.ts'

const page = 'https://app.example'
const gateway = await startGateway(
  [server('fix', [fixtureServer('legacy.mjs'), 'fix']), server('dual', [fixtureServer('annotated.mjs')])],
  { allowedOrigins: [page] },
)
t.teardown(() => gateway.gateway.stop(0))
const { url } = gateway

t.test('a server is also found under a path that ends in /mcp', async (t) => {
  const session = await openSession(`${url}/mcp/fix/mcp`)
  t.equal(said(await session.call(1, 'echo', { value: 'x' })), 'x')
  t.match(await post(`${url}/mcp/nobody/mcp`, openingOf()), { status: 404, messages: [{ error: {} }] })
  t.equal((await post(`${url}/mcp/fix/other`, openingOf())).status, 404)
  const same = await post(`${url}/mcp/fix`, { jsonrpc: '2.0', id: 1, method: 'ping' }, session.headers)
  t.equal(same.status, 200, 'it is the same endpoint, with the same session')
})

t.test('/health answers GET and HEAD alike, the latter without a body', async (t) => {
  const [got, head] = [await send(`${url}/health`, 'GET', {}), await send(`${url}/health`, 'HEAD', {})]
  t.match(got, { status: 200, text: /"status":"ok"/ })
  t.match(head, { status: 200, text: '' })
  t.equal(head.headers['content-length'], got.headers['content-length'])
})

t.test('another method is told which ones there are', async (t) => {
  for (const [path, allow] of [
    ['/mcp', 'POST, GET, DELETE, OPTIONS'],
    ['/mcp/fix', 'POST, GET, DELETE, OPTIONS'],
    ['/sse', 'GET, OPTIONS'],
    ['/messages', 'POST, OPTIONS'],
  ] as const) {
    const exchange = await send(url + path, 'PUT', jsonHeaders, '{}')
    t.match(exchange, { status: 405, headers: { allow } }, path)
  }
  t.equal((await send(`${url}/nothing`, 'PUT', jsonHeaders, '{}')).status, 404)
})

const preflight = (origin: string, path = '/mcp/fix', asked = 'content-type') =>
  send(url + path, 'OPTIONS', {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': asked,
  })

t.test('a page of a listed origin may ask, and may send the headers of the protocol', async (t) => {
  for (const [path, methods] of [
    ['/mcp', 'POST, GET, DELETE'],
    ['/mcp/fix', 'POST, GET, DELETE'],
    ['/mcp/fix/mcp', 'POST, GET, DELETE'],
    ['/sse/fix', 'GET'],
    ['/messages', 'POST'],
  ] as const) {
    const { status, headers, text } = await preflight(page, path, 'Mcp-Session-Id, Mcp-Param-Region, X-Other')
    t.match({ status, text }, { status: 204, text: '' }, path)
    t.match(headers, { 'access-control-allow-origin': page, 'access-control-allow-methods': methods, vary: /Origin/ })
    const allowed = String(headers['access-control-allow-headers']).split(', ')
    for (const name of ['content-type', 'authorization', 'mcp-session-id', 'last-event-id', 'mcp-param-region'])
      t.ok(allowed.includes(name), name)
    t.notOk(allowed.includes('x-other'))
    t.notOk(headers['access-control-allow-credentials'])
  }
})

t.test('a page of another origin is refused, and no header tells its browser to go on', async (t) => {
  for (const origin of ['https://evil.example', 'null', `${page}.evil.example`, `${page}:8443`, 'http://app.example']) {
    const { status, headers } = await preflight(origin)
    t.equal(status, 403, origin)
    t.notOk(headers['access-control-allow-origin'])
    const asked = await post(`${url}/mcp/fix`, openingOf(), { origin })
    t.equal(asked.status, 403)
    t.notOk(asked.headers['access-control-allow-origin'])
  }
})

t.test('a listed origin does not help where the Host is wrong', async (t) => {
  const { status, headers } = await send(`${url}/mcp`, 'OPTIONS', { origin: page, host: 'evil.example' })
  t.equal(status, 403)
  t.notOk(headers['access-control-allow-origin'])
})

t.test('the page of a listed origin can read answers, errors and its session id', async (t) => {
  const opened = await post(`${url}/mcp/fix`, openingOf(), { origin: page })
  t.match(opened, { status: 200, headers: { 'access-control-allow-origin': page } })
  t.match(opened.headers['access-control-expose-headers'], /Mcp-Session-Id/)
  const failed = await send(`${url}/mcp/fix`, 'POST', { ...jsonHeaders, origin: page }, '{')
  t.match(failed, { status: 400, headers: { 'access-control-allow-origin': page } })
  const closed = await startGateway([], { allowedOrigins: [page] }, { type: 'static', token: 'secret' })
  t.teardown(() => closed.gateway.stop(0))
  const unknown = await post(`${closed.url}/mcp`, openingOf(), { origin: page })
  t.match(unknown, { status: 401, headers: { 'access-control-allow-origin': page } })
  t.notOk((await post(`${url}/mcp/fix`, openingOf())).headers['access-control-allow-origin'], 'without an origin')
})

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}
const call = (region: unknown, headers: Record<string, string> | string[]) => {
  const params = { name: 'run', arguments: { region }, _meta: meta }
  const all = Object.entries({
    ...jsonHeaders,
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'run',
  }).flat()
  const more = Array.isArray(headers) ? headers : Object.entries(headers).flat()
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
  return send(
    `${url}/mcp/dual`,
    'POST',
    [...all, 'host', new URL(url).host, 'content-length', String(Buffer.byteLength(body)), ...more],
    body,
  )
}

t.test('a param that a header repeats must be the same in both, before any list was read', async (t) => {
  t.equal(said(await call('eu', { 'Mcp-Param-Region': 'eu' })), 'eu')
  t.equal(said(await call('é', { 'MCP-PARAM-REGION': '=?base64?w6k=?=' })), 'é')
  t.equal(said(await call(undefined, { 'mcp-param-unknown': 'x' })), 'none')
  const wrong = [
    {},
    { 'mcp-param-region': 'EU' },
    { 'mcp-param-region': '=?base64?ZXU?=' },
    { 'mcp-param-regions': 'eu' },
  ]
  for (const headers of wrong)
    t.match(await call('eu', headers), { status: 400, messages: [{ id: 1, error: { code: -32020 } }] })
  t.match(await call(undefined, { 'mcp-param-region': 'eu' }), { status: 400, messages: [{ error: { code: -32020 } }] })
})

t.test('such a header that comes twice is refused, even if both say the same', async (t) => {
  t.equal((await call('eu', ['mcp-param-region', 'eu', 'Mcp-Param-Region', 'eu'])).status, 400)
  t.equal((await call('eu', ['mcp-param-region', 'eu', 'mcp-param-other', 'eu'])).status, 200)
})
