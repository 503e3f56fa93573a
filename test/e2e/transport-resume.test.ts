/** Streams of legacy sessions that break, and clients that come back for the rest. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import t from 'tap'
import { readEvents, type StreamEvent } from '../fixtures/events.ts'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import {
  begin,
  jsonHeaders,
  listen,
  messagesOf,
  openingOf,
  openRequest,
  openSession,
  post,
  send,
  type WireSession,
} from '../fixtures/wire.ts'

const gateway = await startGateway([server('fix', [fixtureServer('legacy.mjs'), 'fix'])])
t.teardown(() => gateway.gateway.stop(0))
const url = `${gateway.url}/mcp/fix`

/** Reads a response until that is enough, and breaks the connection then, or until it ends. */
async function read(init: RequestInit, isEnough: (events: readonly StreamEvent[]) => boolean = () => false) {
  const stream = await openRequest(url, init)
  const events: StreamEvent[] = []
  for (let event = await stream.nextEvent(); event !== undefined; event = await stream.nextEvent()) {
    events.push(event)
    if (isEnough(events)) break
  }
  stream.close()
  const text = events.map((event) => event.text).join('')
  return {
    status: stream.response.status,
    ids: events.flatMap(({ id }) => id ?? []),
    messages: messagesOf(text),
    text,
  }
}

const first = (events: readonly StreamEvent[]) => events.length === 1
/** Where an event without a message may come before, if the server is slow. */
const firstMessage = (events: readonly StreamEvent[]) => events.at(-1)?.data !== ''
const second = (events: readonly StreamEvent[]) => events.length === 2

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
  const { headers } = await session.post({ id: 1, method: 'ping' })
  t.match(headers['content-type'], 'application/json')
})

t.test('every event has an id, and a client that comes back with one gets exactly what followed it', async (t) => {
  // Before 2025-11-25 no event without data may come first, which a slow machine would see.
  const session = await openSession(url, {}, '2025-06-18')
  const whole = await read(callOf(session, 'steps', { count: 5, value: 'v' }))
  t.same(progressOf(whole.messages), [1, 2, 3, 4, 5, undefined])
  t.equal(new Set(whole.ids).size, 6)
  for (const [at, id] of whole.ids.entries()) {
    const rest = await read(back(session.headers, id))
    if (at === 5) t.match(rest, { status: 400, messages: [{ error: { message: /Last-Event-ID/ } }] }, 'nothing follows')
    else t.same(rest.messages, whole.messages.slice(at + 1))
  }
})

t.test('a call goes on when its connection breaks, and its answer is there for who comes back', async (t) => {
  const session = await openSession(url)
  const cut = await read(callOf(session, 'hang'), firstMessage)
  await session.post({ method: 'notifications/cancelled', params: { requestId: 7 } })
  t.equal((await read(back(session.headers, cut.ids.at(-1)))).status, 400, 'a cancelled call has no rest')
  const sampling = await openSession(url, { sampling: {} })
  const asked = await read(callOf(sampling, 'sample', { value: 'q' }), firstMessage)
  const [question] = asked.messages
  const rest = read(back(sampling.headers, asked.ids.at(-1)))
  await sampling.post({ id: question?.id, result: { sampled: true } })
  t.match((await rest).messages, [{ id: 7, result: { content: [{ text: '{"sampled":true}' }] } }])
})

t.test('a slow call has an id before anything happened, for clients that expect one', async (t) => {
  const session = await openSession(url, { sampling: {} })
  const params = { name: 'hang', arguments: {} }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params })
  const primed = await read({ ...callOf(session, 'hang'), body }, first)
  t.match(primed, { text: /^id: \S+\nretry: \d+\ndata: \n\n$/, messages: [] })
  const older = await post(url, openingOf('2025-06-18'))
  const headers = { 'mcp-session-id': String(older.headers['mcp-session-id']), 'mcp-protocol-version': '2025-06-18' }
  const hanging = await begin(url, headers, { ...params, _meta: { progressToken: 1 } })
  const get = await listen(url, headers)
  await post(url, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, headers)
  t.same(await hanging.rest, [], 'no event without data for an older client')
  await send(url, 'DELETE', headers)
  t.equal(await get.nextEvent(), undefined)
})

t.test('the GET stream goes on where it was lost, without loss and without doubles', async (t) => {
  const session = await openSession(url)
  const get = { method: 'GET', headers: { ...session.headers, accept: 'text/event-stream' } }
  const listening = read(get, second)
  await session.call(1, 'announce')
  const { ids, messages } = await listening
  t.match(messages, [{ method: 'notifications/tools/list_changed' }])
  t.equal(ids.length, 2, 'the first event has an id alone')
  await session.call(2, 'announce')
  const again = await read(back(session.headers, ids[1]), first)
  t.match(again.messages, [{ method: 'notifications/tools/list_changed' }])
  const both = await read(back(session.headers, ids[0]), second)
  t.equal(both.messages.length, 2)
})

t.test('ids of another session and ids of nobody are refused, and say nothing', async (t) => {
  const [mine, other] = [await openSession(url), await openSession(url)]
  const { ids } = await read(callOf(other, 'steps', { count: 3, value: 'secret' }))
  for (const id of [ids[0], 'x', '1.2.3', '%00', '9'.repeat(400)]) {
    const refused = await read(back(mine.headers, id))
    t.match(refused, { status: 400, messages: [{ error: { code: -32600, message: /no event of this session/ } }] })
  }
  t.equal((await read(back({ ...other.headers, 'mcp-session-id': 'x' }, ids[0]))).status, 404)
  const again = await read(back(other.headers, ids[0]))
  t.equal(again.messages.length, ids.length - 1, 'all that follows, for the session itself')
  t.equal((await read(back(other.headers, ids[0], 'application/json'))).status, 406)
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
  const events = readEvents(body)
  return new ReadableStream(
    {
      async start(controller) {
        controller.enqueue(Buffer.from((await events.next()).value?.text ?? ''))
        await events.return(undefined)
      },
      // What was enqueued has been read.
      pull: (controller) => controller.error(new Error('cut')),
    },
    { highWaterMark: 0 },
  )
}
