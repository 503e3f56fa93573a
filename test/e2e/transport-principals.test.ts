/** Two principals on one gateway: what belongs to one of them cannot be reached by the other, whatever they know of it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createCore } from '../../lib/cli/assemble.ts'
import type { Config } from '../../lib/config/model.ts'
import { BodyReader } from '../../lib/http/body.ts'
import { Cors } from '../../lib/http/cors.ts'
import { Door } from '../../lib/http/exchange.ts'
import { KeepAlive } from '../../lib/http/keep-alive.ts'
import { routesOf } from '../../lib/http/routes.ts'
import { SseTransport } from '../../lib/http/sse.ts'
import { Streamable } from '../../lib/http/streamable.ts'
import { scanChunkJs } from '../../lib/protocol/scan.ts'
import { fixtureServer, server, silent } from '../fixtures/gateway.ts'
import { plainStarter } from '../fixtures/start-plain.ts'
import { jsonHeaders, openingOf, post, send } from '../fixtures/wire.ts'

const limits = { maxMessageBytes: 1 << 20, maxSessions: 8, sessionIdleMs: 60_000 }
const config = { server: limits, servers: [server('fix', [fixtureServer('legacy.mjs'), 'fix'])] } as unknown as Config
const parts = { start: plainStarter().start, scan: scanChunkJs, log: silent }
const { gateway } = createCore(config, parts)
const keepAlives = new KeepAlive()
/** Whoever says a name has it. */
const authenticator = { challenge: null, authenticate: (name = 'nobody') => ({ id: name }) }
const door = new Door({ gateway, guard: () => {}, cors: new Cors([]), authenticator, log: silent })
const options = { gateway, door, bodies: new BodyReader(1 << 20, 1 << 22), keepAlives, scan: scanChunkJs }
const sse = new SseTransport({ ...options, log: silent, maxClients: 8, idleMs: 60_000, pathPrefix: '/prefix' })
const http = createServer(routesOf({ door, streamable: new Streamable(options), sse }))
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
t.teardown(async () => {
  await gateway.stop()
  keepAlives.stop()
  http.closeAllConnections()
  http.close()
})

t.test('a stream of one principal takes no messages of another, in the words for no stream at all', async (t) => {
  const controller = new AbortController()
  const headers = { accept: 'text/event-stream', authorization: 'me' }
  const response = await fetch(`${url}/sse/fix`, { headers, signal: controller.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const [, path = ''] = /^event: endpoint\ndata: \/prefix(\S+)\n\n$/.exec((await reader.read()).value ?? '') ?? []
  t.match(path, /^\/messages\?sessionId=[\w-]{32}$/, 'with the prefix of the public address')
  const foreign = await post(url + path, openingOf(), { authorization: 'you' })
  const unknown = await post(`${url}/messages?sessionId=x`, openingOf(), { authorization: 'you' })
  t.equal(foreign.status, 404)
  t.equal(foreign.text, unknown.text)
  t.equal((await post(url + path, openingOf(), { authorization: 'me' })).status, 202)
  t.match((await reader.read()).value, /"result"/)
  controller.abort()
})

t.test('what a stream of one principal said cannot be replayed by another', async (t) => {
  const opened = await post(`${url}/mcp/fix`, openingOf(), { authorization: 'me' })
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' }
  const params = { name: 'steps', arguments: { count: 2, value: 'secret' }, _meta: { progressToken: 1 } }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
  const { text } = await send(`${url}/mcp/fix`, 'POST', { ...jsonHeaders, ...session, authorization: 'me' }, body)
  const [, id = ''] = /^id: (.*)$/m.exec(text) ?? []
  const again = (authorization: string) =>
    send(`${url}/mcp/fix`, 'GET', { ...session, accept: 'text/event-stream', 'last-event-id': id, authorization })
  const refused = await again('you')
  t.equal(refused.status, 404)
  t.notMatch(refused.text, /secret/)
  t.match((await again('me')).text, /secret/)
})
