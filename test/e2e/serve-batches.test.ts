/** JSON-RPC arrays: what sessions of 2025-03-26 may send, and nobody else. */
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { type Message, openingOf, post } from '../fixtures/wire.ts'

const { gateway, url } = await startGateway([server('left', [fixtureServer('legacy.mjs'), 'left'])])
t.teardown(() => gateway.stop(0))

async function open(path: string, revision: string): Promise<Record<string, string>> {
  const opened = await post(url + path, openingOf(revision))
  return { 'mcp-session-id': String(opened.headers['mcp-session-id']) }
}

const call = (id: number | string, name: string, args: object = {}, meta?: object) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args, ...(meta && { _meta: meta }) },
})
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' }

/** The elements of an array, which wire.ts gives as one message. */
function elements(messages: readonly Message[]): Message[] {
  return messages.flat() as Message[]
}

for (const [path, prefix] of [
  ['/mcp/left', ''],
  ['/mcp', 'left__'],
] as const) {
  t.test(`${path}: each message of an array is handled as its own, and the answers come together`, async (t) => {
    const headers = await open(path, '2025-03-26')
    const ping = { jsonrpc: '2.0', id: 'p', method: 'ping' }
    const array = [
      initialized,
      call(1, `${prefix}echo`, { value: 'one' }),
      ping,
      call(2, `${prefix}echo`, { value: 'two' }),
    ]
    const { status, messages, text } = await post(url + path, array, headers)
    t.equal(status, 200)
    t.ok(text.startsWith('['))
    t.same(
      elements(messages)
        .map(({ id }) => id)
        .sort(),
      [1, 2, 'p'],
    )
    t.match(
      elements(messages).find(({ id }) => id === 2),
      { result: { content: [{ text: 'two' }] } },
    )
  })

  t.test(`${path}: notifications alone are accepted without an answer`, async (t) => {
    const headers = await open(path, '2025-03-26')
    const { status, text } = await post(url + path, [initialized, initialized], headers)
    t.match({ status, text }, { status: 202, text: '' })
  })

  t.test(`${path}: with progress before an answer the response is a stream of events`, async (t) => {
    const headers = await open(path, '2025-03-26')
    const array = [
      call(1, `${prefix}steps`, { count: 3, value: 'v' }, { progressToken: 7 }),
      call(2, `${prefix}echo`, { value: 'two' }),
    ]
    const { headers: received, messages } = await post(url + path, array, headers)
    t.match(received['content-type'], 'text/event-stream')
    t.equal(messages.filter(({ method }) => method === 'notifications/progress').length, 3)
    t.same(messages.flatMap(({ method, id }) => (method === undefined ? [id] : [])).sort(), [1, 2])
  })

  t.test(`${path}: what is wrong with one message is told for that one`, async (t) => {
    const headers = await open(path, '2025-03-26')
    const array = [
      1,
      call(1, `${prefix}echo`, { value: 'a' }),
      call(1, `${prefix}echo`),
      openingOf('2025-03-26'),
      [initialized],
    ]
    const answers = elements((await post(url + path, array, headers)).messages)
    t.equal(answers.length, 5)
    t.equal(answers.filter(({ error }) => error?.code === -32600).length, 4)
    t.ok(answers.some(({ id, result }) => id === 1 && result !== undefined))
  })

  t.test(`${path}: an element that does not say that it is JSON-RPC 2.0 is none`, async (t) => {
    const headers = await open(path, '2025-03-26')
    const { jsonrpc: _, ...unversioned } = call(1, `${prefix}echo`, { value: 'a' })
    const array = [unversioned, { ...unversioned, jsonrpc: '1.0', id: 2 }, call(3, `${prefix}echo`, { value: 'c' })]
    const answers = elements((await post(url + path, array, headers)).messages)
    t.same(
      answers.map(({ id, error }) => [id, error?.code]).toSorted(([one], [other]) => Number(one) - Number(other)),
      [
        [1, -32600],
        [2, -32600],
        [3, undefined],
      ],
    )
  })

  t.test(`${path}: other sessions, empty arrays and long ones are refused`, async (t) => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
    for (const revision of ['2025-06-18', '2025-11-25', '2024-11-05']) {
      const { status, messages } = await post(url + path, [ping], await open(path, revision))
      t.match({ status, messages }, { status: 400, messages: [{ error: { code: -32600, message: revision } }] })
    }
    const headers = await open(path, '2025-03-26')
    t.match(await post(url + path, [], headers), { status: 400, messages: [{ error: { code: -32600 } }] })
    const long = Array.from({ length: 101 }, () => initialized)
    t.match(await post(url + path, long, headers), { status: 400, messages: [{ error: { code: -32600 } }] })
    t.equal((await post(url + path, long.slice(1), headers)).status, 202)
    t.match(await post(url + path, [ping]), { status: 400, messages: [{ error: { code: -32600 } }] })
    const modern = { ...headers, 'mcp-protocol-version': '2026-07-28' }
    t.match(await post(url + path, [ping], modern), { status: 400, messages: [{ error: { code: -32600 } }] })
    t.equal((await post(url + path, [ping], { 'mcp-session-id': 'unknown' })).status, 404)
  })
}
