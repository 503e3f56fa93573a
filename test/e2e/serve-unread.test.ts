/** Clients that do not read and servers that do not stop: only their own session feels it. */
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { openingOf, openSession, said, type WireSession } from '../fixtures/wire.ts'
import { RawSocket } from '../support/raw-socket.ts'

const MiB = 1024 * 1024
const { gateway, url, port, lines } = await startGateway([
  server('hostile', [fixtureServer('hostile.mjs')], { protocol: 'legacy', requestTimeoutMs: 2000 }),
  server('fix', [fixtureServer('legacy.mjs'), 'fix'], { protocol: 'legacy', requestTimeoutMs: 120_000 }),
])
t.teardown(() => gateway.stop(0))
const other = await openSession(`${url}/mcp/fix`)

/** An unread connection that asked for `target`. */
function unread(t: Test, method: string, target: string, headers: Record<string, string>, body = ''): RawSocket {
  const all = {
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...headers,
  }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const socket = new RawSocket(port, `${method} ${target} HTTP/1.1\r\n${head.join('')}\r\n${body}`)
  t.teardown(() => socket.close())
  return socket
}

function callOf(frames: readonly (readonly [text: string, times: number])[]): string {
  const encoded = frames.map(([text, times]) => [Buffer.from(text).toString('base64'), times])
  const params = { name: 'say', arguments: { frames: encoded } }
  return JSON.stringify({ jsonrpc: '2.0', id: 'flood', method: 'tools/call', params })
}

/** The calls of another client are answered meanwhile, and what waits for the one that does not read is bounded. */
async function othersGoOn(t: Test, before: number): Promise<void> {
  for (let id = 1; id <= 30; id += 1) t.equal(said(await other.call(id, 'echo', { value: String(id) })), String(id))
  t.ok(process.memoryUsage().rss - before < 192 * MiB, 'memory')
  t.notOk(lines.some(({ level }) => level === 'error'))
}

const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n'
const noted = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}\n'
const padded = `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${'x'.repeat(64 * 1024)}"}}\n`
const accept = 'application/json, text/event-stream'

async function opened(): Promise<WireSession> {
  return openSession(`${url}/mcp/hostile`)
}

for (const [what, frame, times] of [
  ['small', noted, 300_000],
  ['large', padded, 2000],
] as const) {
  t.test(`a call's stream that nobody reads, with ${what} messages without end`, async (t) => {
    const before = process.memoryUsage().rss
    const { headers } = await opened()
    const socket = unread(t, 'POST', '/mcp/hostile', { ...headers, accept }, callOf([[frame, times]]))
    await socket.until(/200 OK/)
    socket.socket.pause()
    await othersGoOn(t, before)
  })
}

t.test('a GET stream that nobody reads', async (t) => {
  const before = process.memoryUsage().rss
  const session = await opened()
  const socket = unread(t, 'GET', '/mcp/hostile', { ...session.headers, accept: 'text/event-stream' })
  await socket.until(/200 OK/)
  socket.socket.pause()
  void session.call(1, 'say', { frames: [[Buffer.from(changed).toString('base64'), 300_000]] }).catch(() => {})
  await othersGoOn(t, before)
})

t.test('an HTTP+SSE stream that nobody reads', async (t) => {
  const before = process.memoryUsage().rss
  const socket = unread(t, 'GET', '/sse/hostile', { accept: 'text/event-stream' })
  await socket.until(/data: (\S+)\n/)
  const target = url + (/data: (\S+)/.exec(socket.text)?.[1] ?? '')
  const post = (body: string) =>
    fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  await post(JSON.stringify(openingOf()))
  await socket.until(/"serverInfo"/)
  socket.socket.pause()
  t.equal((await post(callOf([[padded, 2000]]))).status, 202)
  await othersGoOn(t, before)
})

t.test('answers that nobody waits for and lines that are no messages, without end', async (t) => {
  const before = process.memoryUsage().rss
  const session = await opened()
  const linesBefore = lines.length
  const stray = Buffer.from('{"jsonrpc":"2.0","id":999999,"result":{}}\nno message\n').toString('base64')
  const flooded = session.call(1, 'say', { frames: [[stray, 300_000]] })
  await othersGoOn(t, before)
  t.match((await flooded).messages.at(-1), { id: 1, error: { code: -31504 } })
  t.ok(lines.length - linesBefore < 200, `${lines.length - linesBefore} lines of log`)
})

t.test('a result of 64 MiB less its envelope passes', async (t) => {
  const bytes = 64 * MiB - 1024
  t.equal(said(await other.call('big', 'big', { bytes })).length, bytes)
})
