/** Streams of legacy sessions that break, and clients that come back for the rest. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import {
  begin,
  jsonHeaders,
  messagesOf,
  openingOf,
  openSession,
  post,
  send,
  type WireSession,
} from '../fixtures/wire.ts'

const gateway = await startGateway([server('fix', [fixtureServer('legacy.mjs'), 'fix'])])
t.teardown(() => gateway.gateway.stop(0))
const url = `${gateway.url}/mcp/fix`

/** Opens an event stream and reads it until it has `count` events, then breaks the connection, or until it ends. */
async function readEvents(init: { method: string; headers: Record<string, string>; body?: string }, count = Infinity) {
  const controller = new AbortController()
  const response = await fetch(url, { ...init, signal: controller.signal })
  if (response.status !== 200) return { status: response.status, ids: [], messages: messagesOf(await response.text()) }
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (text.split('\n\n').length <= count) {
    const { value, done } = await reader.read()
    if (done) break
    text += value
  }
  if (count !== Infinity) controller.abort()
  const ids = [...text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id)
  return { status: 200, ids, messages: messagesOf(text), text }
}

const callOf = (session: WireSession, name: string, args: object = {}) => ({
  method: 'POST',
  headers: { ...jsonHeaders, ...session.headers },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name, arguments: args, _meta: { progressToken: 'p' } },
  }),
})
const back = (headers: Record<string, string>, id = '', accept = 'text/event-stream') => ({
  method: 'GET',
  headers: { ...headers, accept, 'last-event-id': id },
})
const progressOf = (messages: readonly { params?: Record<string, unknown> }[]) =>
  messages.map(({ params }) => params?.['progress'])

t.test('an answer that comes at once is plain JSON, also for clients that could resume', async (t) => {
  const session = await openSession(url)
  const { headers } = await session.call(1, 'echo', { value: 'x' })
  t.match(headers['content-type'], 'application/json')
})

t.test('every event has an id, and a client that comes back with one gets exactly what followed it', async (t) => {
  // Before 2025-11-25 no event without data may come first, which a slow machine would see.
  const session = await openSession(url, {}, '2025-06-18')
  const whole = await readEvents(callOf(session, 'steps', { count: 5, value: 'v' }))
  t.same(progressOf(whole.messages), [1, 2, 3, 4, 5, undefined])
  t.equal(new Set(whole.ids).size, 6)
  for (const [at, id] of whole.ids.entries()) {
    const rest = await readEvents(back(session.headers, id))
    if (at === 5) t.match(rest, { status: 400, messages: [{ error: { message: /Last-Event-ID/ } }] }, 'nothing follows')
    else t.same(rest.messages, whole.messages.slice(at + 1))
  }
})

t.test('a call goes on when its connection breaks, and its answer is there for who comes back', async (t) => {
  const session = await openSession(url)
  const cut = await readEvents(callOf(session, 'hang'), 1)
  await session.post({ method: 'notifications/cancelled', params: { requestId: 7 } })
  t.equal((await readEvents(back(session.headers, cut.ids[0]))).status, 400, 'a cancelled call has no rest')
  const sampling = await openSession(url, { sampling: {} })
  const asked = await readEvents(callOf(sampling, 'sample', { value: 'q' }), 1)
  const [question] = asked.messages
  const rest = readEvents(back(sampling.headers, asked.ids[0]))
  await sampling.post({ id: question?.id, result: { sampled: true } })
  t.match((await rest).messages, [{ id: 7, result: { content: [{ text: '{"sampled":true}' }] } }])
})

t.test('a slow call has an id before anything happened, for clients that expect one', async (t) => {
  const session = await openSession(url, { sampling: {} })
  const params = { name: 'hang', arguments: {} }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params })
  const primed = await readEvents({ ...callOf(session, 'hang'), body }, 1)
  t.match(primed, { text: /^id: \S+\nretry: \d+\ndata: \n\n$/, messages: [] })
  const older = await post(url, openingOf('2025-06-18'))
  const headers = { 'mcp-session-id': String(older.headers['mcp-session-id']), 'mcp-protocol-version': '2025-06-18' }
  const hanging = await begin(url, headers, { ...params, _meta: { progressToken: 1 } })
  const get = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } })
  await post(url, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, headers)
  t.same(await hanging.rest, [], 'no event without data for an older client')
  await send(url, 'DELETE', headers)
  t.equal(await get.text(), '')
})

t.test('the GET stream goes on where it was lost, without loss and without doubles', async (t) => {
  const session = await openSession(url)
  const get = { method: 'GET', headers: { ...session.headers, accept: 'text/event-stream' } }
  const first = readEvents(get, 2)
  await session.call(1, 'announce')
  const { ids, messages } = await first
  t.match(messages, [{ method: 'notifications/tools/list_changed' }])
  t.equal(ids.length, 2, 'the first event has an id alone')
  await session.call(2, 'announce')
  const again = await readEvents(back(session.headers, ids[1]), 1)
  t.match(again.messages, [{ method: 'notifications/tools/list_changed' }])
  const both = await readEvents(back(session.headers, ids[0]), 2)
  t.equal(both.messages.length, 2)
})

t.test('ids of another session and ids of nobody are refused, and say nothing', async (t) => {
  const [mine, other] = [await openSession(url), await openSession(url)]
  const { ids } = await readEvents(callOf(other, 'steps', { count: 3, value: 'secret' }))
  for (const id of [ids[0], 'x', '1.2.3', '%00', '9'.repeat(400)]) {
    const refused = await readEvents(back(mine.headers, id))
    t.match(refused, { status: 400, messages: [{ error: { code: -32600, message: /no event of this session/ } }] })
  }
  t.equal((await readEvents(back({ ...other.headers, 'mcp-session-id': 'x' }, ids[0]))).status, 404)
  const again = await readEvents(back(other.headers, ids[0]))
  t.equal(again.messages.length, ids.length - 1, 'all that follows, for the session itself')
  t.equal((await readEvents(back(other.headers, ids[0], 'application/json'))).status, 406)
})

t.test('an SDK client loses its connection within a call and gets the answer all the same', async (t) => {
  const client = new Client({ name: 'resuming', version: '1' })
  let cuts = 0
  const cutting: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (init?.method !== 'POST' || response.headers.get('content-type') !== 'text/event-stream') return response
    cuts += 1
    return new Response(cutAfterFirst(response.body!), response)
  }
  const reconnectionOptions = {
    initialReconnectionDelay: 10,
    maxReconnectionDelay: 20,
    reconnectionDelayGrowFactor: 1,
    maxRetries: 3,
  }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { fetch: cutting, reconnectionOptions }) as never,
  )
  const call = { name: 'steps', arguments: { count: 5, value: 'whole' } }
  const result = (await client.callTool(call, undefined, { onprogress: () => {} })) as CallToolResult
  t.match(result.content, [{ text: 'whole' }])
  t.equal(cuts, 1)
  await client.close()
})

/** The stream up to its first event, then an error as of a broken connection. */
function cutAfterFirst(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream({
    async start(controller) {
      let text = ''
      while (!text.includes('\n\n')) {
        const { value } = await reader.read()
        text += Buffer.from(value ?? []).toString()
      }
      controller.enqueue(Buffer.from(text.slice(0, text.indexOf('\n\n') + 2)))
      await reader.cancel()
      setImmediate(() => controller.error(new Error('cut')))
    },
  })
}
