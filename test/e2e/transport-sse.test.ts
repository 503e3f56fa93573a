/** HTTP+SSE of 2024-11-05: an unmodified old client, and what the transport refuses. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { type CallToolResult, CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { jsonHeaders, listen, openingOf, post, type Stream, send } from '../fixtures/wire.ts'
import { until } from '../support/until.ts'

const fix = server('fix', [fixtureServer('legacy.mjs'), 'fix'])
const gateway = await startGateway([fix])
t.teardown(() => gateway.gateway.stop(0))

async function connect(t: Test, path: string, capabilities: object = {}): Promise<Client> {
  const client = new Client({ name: 'old', version: '1' }, { capabilities })
  await client.connect(new SSEClientTransport(new URL(gateway.url + path)) as never)
  t.teardown(() => client.close())
  return client
}

const textOf = (result: unknown) => ((result as CallToolResult).content[0] as { text: string }).text

/** A stream that was given, and ends with the test. */
async function listening(t: Test, url: string, headers: Record<string, string> = {}): Promise<Stream> {
  const stream = await listen(url, headers)
  t.equal(stream.response.status, 200)
  t.teardown(() => stream.close())
  return stream
}

/** Where its messages are posted. */
async function endpointOf(stream: Stream): Promise<string> {
  const event = await stream.nextEvent()
  if (event?.event !== 'endpoint') throw new Error(`no endpoint: ${event?.text}`)
  return new URL(event.data, stream.response.url).href
}

for (const [path, prefix] of [
  ['/sse', 'fix__'],
  ['/sse/fix', ''],
] as const) {
  t.test(`an SDK client for HTTP+SSE lists, calls and is asked over ${path}`, async (t) => {
    const client = await connect(t, path, { sampling: {} })
    const content = { type: 'text' as const, text: 'sampled' }
    client.setRequestHandler(CreateMessageRequestSchema, () => ({ model: 'm', role: 'assistant' as const, content }))
    const { tools } = await client.listTools()
    t.ok(tools.some(({ name }) => name === `${prefix}echo`))
    t.equal(textOf(await client.callTool({ name: `${prefix}echo`, arguments: { value: 'hi' } })), 'hi')
    t.match(textOf(await client.callTool({ name: `${prefix}sample`, arguments: { value: 'x' } })), 'sampled')
  })
}

t.test('the session and its copy of the server end with the stream', async (t) => {
  const client = await connect(t, '/sse/fix')
  const pid = Number(textOf(await client.callTool({ name: 'whoami' })).split(':')[1])
  t.ok(gateway.running.has(pid))
  await client.close()
  await until(() => !gateway.running.has(pid))
})

t.test('what is posted is answered over the stream, and what is wrong at once', async (t) => {
  const stream = await listening(t, `${gateway.url}/sse/fix`)
  const url = await endpointOf(stream)
  t.match(await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }), { status: 202, text: '' })
  t.match(await stream.next(), { id: 1, error: { code: -32600, message: /no session yet/ } })
  t.equal((await post(url, openingOf('2024-11-05'))).status, 202)
  t.match(await stream.next(), { id: 0, result: { protocolVersion: '2024-11-05' } })
  await post(url, openingOf('2024-11-05'))
  t.match(await stream.next(), { id: 0, error: { message: /initialised already/ } })
  const params = { name: 'steps', arguments: { count: 2, value: 'x' }, _meta: { progressToken: 'p' } }
  await post(url, { jsonrpc: '2.0', id: 2, method: 'tools/call', params })
  for (const progress of [1, 2])
    t.match(await stream.next(), { method: 'notifications/progress', params: { progress } })
  t.match(await stream.next(), { id: 2, result: {} })
  t.match(await send(url, 'POST', jsonHeaders, '{'), { status: 400, messages: [{ error: { code: -32700 } }] })
  t.match(await send(url, 'POST', jsonHeaders, '{"a":1}'), { status: 400, messages: [{ error: { code: -32600 } }] })
  t.equal((await send(url, 'POST', { ...jsonHeaders, 'content-type': 'text/plain' }, '{}')).status, 415)
  t.equal((await send(`${gateway.url}/sse`, 'GET', { accept: 'application/json' })).status, 406)
})

t.test('a modern request is refused: this transport has sessions only', async (t) => {
  const stream = await listening(t, `${gateway.url}/sse/fix`)
  const url = await endpointOf(stream)
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } })
  t.match(await stream.next(), { id: 1, error: { code: -32022 } })
})

t.test('an unknown session is not found, nor is one whose stream has ended', async (t) => {
  const stream = await listening(t, `${gateway.url}/sse/fix`)
  const url = await endpointOf(stream)
  t.equal((await post(url, openingOf())).status, 202)
  for (const wrong of ['/messages', '/messages?sessionId=x', '/messages?sessionId=__proto__'])
    t.equal((await post(gateway.url + wrong, openingOf())).status, 404, wrong)
  stream.close()
  await until(async () => (await post(url, openingOf())).status === 404)
})

t.test('the same guard and the same token stand before it', async (t) => {
  const closed = await startGateway([fix], { maxSessions: 1 }, { type: 'static', token: 'secret' })
  t.teardown(() => closed.gateway.stop(0))
  const accept = 'text/event-stream'
  const authorization = 'Bearer secret'
  for (const path of ['/sse', '/sse/fix', '/sse/nobody'])
    t.equal((await send(closed.url + path, 'GET', { accept })).status, 401, path)
  t.equal((await send(`${closed.url}/sse/nobody`, 'GET', { accept, authorization })).status, 404)
  for (const wrong of [{ host: 'evil.example' }, { origin: 'https://evil.example' }])
    t.equal((await send(`${closed.url}/sse`, 'GET', { accept, authorization, ...wrong })).status, 403)
  const url = await endpointOf(await listening(t, `${closed.url}/sse/fix`, { authorization }))
  t.equal((await post(url, openingOf())).status, 401)
  t.equal((await post(url, openingOf(), { authorization, origin: 'https://evil.example' })).status, 403)
  t.equal((await post(url, openingOf(), { authorization })).status, 202)
  t.equal((await send(`${closed.url}/sse`, 'GET', { accept, authorization })).status, 503, 'no more than max_sessions')
})

t.test('who listens without ever asking is let go', async (t) => {
  const idle = await startGateway([fix], { sessionIdleMs: 100 })
  t.teardown(() => idle.gateway.stop(0))
  const stream = await listening(t, `${idle.url}/sse`)
  await endpointOf(stream)
  t.equal(await stream.nextEvent(), undefined)
})
