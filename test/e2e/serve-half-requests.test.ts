/** Clients that send half a request, or a byte now and then, or nothing at all: their connection ends, and nobody else notices. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type HttpLimits, httpLimits } from '../../lib/http/server.ts'
import { fixtureServer, server, startGateway, type TestGateway } from '../fixtures/gateway.ts'
import { openSession, said } from '../fixtures/wire.ts'
import { RawSocket } from '../support/raw-socket.ts'

/** A whole request of a test takes less, also on a loaded machine. */
const impatient: HttpLimits = { headersMs: 1500, requestMs: 2000, handshakeMs: 1500, checkEveryMs: 50 }
const fix = server('fix', [fixtureServer('legacy.mjs'), 'fix'], { protocol: 'legacy' })

async function gatewayFor(
  t: Test,
  overrides: Parameters<typeof startGateway>[1] = {},
  limits = impatient,
): Promise<TestGateway> {
  const started = await startGateway([fix], overrides, { type: 'none' }, null, limits)
  t.teardown(() => started.gateway.stop(0))
  return started
}

const post = (session: Record<string, string>, port: number, length: number): string => {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'content-length': String(length),
    ...session,
  })
  return `POST /mcp/fix HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

t.test('as shipped, whatever is half-sent is over within 30 s', async (t) => {
  const { headersMs, requestMs, handshakeMs, checkEveryMs } = httpLimits
  for (const limit of [headersMs, requestMs, handshakeMs]) t.ok(limit > 5000 && limit + checkEveryMs < 30_000)
})

t.test('half a request is ended wherever it stops, and a second client is served meanwhile', async (t) => {
  const { url, port } = await gatewayFor(t)
  const { headers } = await openSession(`${url}/mcp/fix`)
  const second = await openSession(`${url}/mcp/fix`)
  const half = { get: `GET /mcp/fix HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`, post: post(headers, port, 100) }
  const stream = `accept: text/event-stream\r\nmcp-session-id: ${headers['mcp-session-id']}\r\ncontent-length: 5\r\n\r\nab`
  const stops: [string, string, RegExp][] = [
    ['nothing at all', '', /408|^$/],
    ['within the request line', 'POST /mc', /408|^$/],
    ['within the headers', half.get, /408/],
    ['before the body', half.post, /408/],
    ['within the body', `${half.post}{"jsonrpc":`, /408/],
    ['within a body that nobody asked for', `${half.get}content-length: 5\r\n\r\nab`, /^HTTP\/1\.1 4/],
    ['within the body of a stream', `${half.get}${stream}`, /^HTTP\/1\.1 200/],
    ['within a body of /health', `GET /health HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab`, /^HTTP\/1\.1 200/],
  ]
  const sockets = stops.map(([what, bytes, answer]) => ({ what, answer, socket: new RawSocket(port, bytes) }))
  t.equal(said(await second.call(1, 'echo', { value: 'served' })), 'served')
  for (const { what, answer, socket } of sockets) {
    await socket.ended
    t.match(socket.text, answer, what)
  }
})

t.test('a byte now and then does not keep a request alive', async (t) => {
  const { url, port } = await gatewayFor(t)
  const { headers } = await openSession(`${url}/mcp/fix`)
  for (const begun of ['GET /mcp/fix HTTP/1.1\r\nx-a: ', post(headers, port, 1_000_000)]) {
    const socket = new RawSocket(port, begun)
    const drip = setInterval(() => socket.write('a'), 20)
    await socket.ended
    clearInterval(drip)
    t.match(socket.text, /^HTTP\/1\.1 408/)
  }
})

t.test('a client that leaves in the middle of anything leaves nothing behind', async (t) => {
  const { url, port, lines } = await gatewayFor(t, {}, httpLimits)
  const { headers } = await openSession(`${url}/mcp/fix`)
  const body = '{"jsonrpc":"2.0","id":"left","method":"tools/call","params":{"name":"echo","arguments":{"value":"x"}}}'
  const whole = post(headers, port, body.length) + body
  for (let length = 1; length <= whole.length; length += 7) {
    const socket = new RawSocket(port, whole.slice(0, length))
    await new Promise((resolve) => socket.socket.once('connect', () => setImmediate(resolve)))
    socket.close()
  }
  const second = await openSession(`${url}/mcp/fix`)
  t.equal(said(await second.call(1, 'echo', { value: 'served' })), 'served')
  t.notOk(lines.some(({ level }) => level === 'error'))
})

t.test('connections have a cap; the idle ones make room', async (t) => {
  const maxSessions = 1
  const { url, port } = await gatewayFor(t, { maxSessions }, httpLimits)
  const cap = 1024 + 2 * maxSessions
  const idle = Array.from({ length: cap }, () => new RawSocket(port, 'GET /health HTTP/1.1\r\nhost: a\r\n\r\n'))
  await Promise.all(idle.map((socket) => socket.until(/"status":"ok"/)))
  const beyond = new RawSocket(port, 'GET /health HTTP/1.1\r\nhost: a\r\n\r\n')
  await beyond.ended
  t.equal(beyond.text, '', 'one more is turned away')
  await Promise.all(idle.map(({ ended }) => ended))
  t.match(await (await fetch(`${url}/health`)).json(), { status: 'ok' })
})

t.test('over TLS, too: a connection without a handshake ends', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-tls-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const tls = { certPath: join(folder, 'cert.pem'), keyPath: join(folder, 'key.pem') }
  const subject = ['-subj', '/CN=localhost', '-keyout', tls.keyPath, '-out', tls.certPath]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject], {
    stdio: 'ignore',
  })
  const { port } = await gatewayFor(t, { tls })
  for (const bytes of ['', '\x16\x03\x01\x02\x00', 'GET / HTTP/1.1\r\n\r\n']) await new RawSocket(port, bytes).ended
  t.pass('each of them ended')
})
