/** What a client gets depends on the revision it speaks: the same requests, in sessions of each revision and without one. */
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { type Exchange, listen, openingOf, post, send } from '../fixtures/wire.ts'
import { ask, headersOf, messageOf } from './bridge-modern-wire.ts'

const { gateway, url } = await startGateway([
  server('fix', [fixtureServer('legacy.mjs'), 'fix']),
  server('modern', [fixtureServer('modern-only.mjs'), 'modern'], { protocol: '2026-07-28' }),
])
t.teardown(() => gateway.stop(0))

const legacy = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

interface Opened {
  readonly opened: Exchange
  /** The headers of its requests. */
  readonly session: Record<string, string>
}

/** A session that ends with the test. */
async function open(t: Test, path: string, version: string): Promise<Opened> {
  const opened = await post(url + path, openingOf(version))
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) }
  t.teardown(() => send(url + path, 'DELETE', session))
  return { opened, session }
}

const paths = ['/mcp', '/mcp/fix', '/mcp/modern']

for (const path of paths) {
  for (const version of legacy) {
    t.test(`${path}: a session of ${version} is one, by its header, its arrays and its requests`, async (t) => {
      const { opened, session } = await open(t, path, version)
      t.match(opened, { status: 200, messages: [{ result: { protocolVersion: version } }] })
      const named = (name: string) => post(url + path, list, { ...session, 'mcp-protocol-version': name })
      t.match(await post(url + path, list, session), { status: 200, messages: [{ result: { tools: Array } }] })
      t.equal((await named(version)).status, 200)
      const unknown = { status: 400, messages: [{ error: { code: -32600, data: { supported: Array } } }] }
      t.match(await named('1999-01-01'), unknown)
      const incomplete = { status: 400, messages: [{ error: { code: -32602, message: 'params._meta' } }] }
      t.match(await named('2026-07-28'), incomplete, 'which is no request of the session')
      const { status, text } = await post(url + path, [list], session)
      t.equal(status, version === '2025-03-26' ? 200 : 400)
      t.match(text, version === '2025-03-26' ? /^\[/ : version)
    })
  }

  for (const asked of ['2024-10-07', '2099-01-01', 'garbage']) {
    t.test(`${path}: initialize for ${asked}, which is not known, is answered`, async (t) => {
      const { opened, session } = await open(t, path, asked)
      // Between a client and one server with sessions it is theirs to agree.
      const agreed = path === '/mcp/fix' ? asked : '2025-11-25'
      t.match(opened, { status: 200, messages: [{ result: { protocolVersion: agreed } }] })
      t.match(await post(url + path, [list], session), { status: 400, messages: [{ error: { code: -32600 } }] })
    })
  }
}

for (const version of legacy) {
  const first = version === '2025-11-25' ? 'begins with an' : 'has no'
  t.test(`the stream of a session of ${version} ${first} event without data`, async (t) => {
    const { session } = await open(t, '/mcp/fix', version)
    const stream = readUntil(`${url}/mcp/fix`, session, 'list_changed')
    const announce = { ...list, method: 'tools/call', params: { name: 'announce', arguments: {} } }
    t.equal((await post(`${url}/mcp/fix`, announce, session)).status, 200)
    t.equal(/^data: $/m.test(await stream), version === '2025-11-25')
  })

  t.test(`a client of ${version} meets the capabilities and requests of ${version} alone`, async (t) => {
    const { opened, session } = await open(t, '/mcp/modern', version)
    const { capabilities } = opened.messages[0]?.result ?? {}
    t.ok(capabilities.tools)
    t.equal(capabilities.completions !== undefined, version !== '2024-11-05')
    for (const method of ['server/discover', 'subscriptions/listen', 'tasks/update']) {
      const answer = await post(`${url}/mcp/modern`, { ...list, method, params: {} }, session)
      t.match(answer, { messages: [{ error: { code: -32601, message: method } }] })
    }
    const [all] = (await open(t, '/mcp', version)).opened.messages
    t.equal(all?.result.capabilities.completions !== undefined, version !== '2024-11-05')
  })
}

for (const path of paths) {
  t.test(`${path}: requests that the modern revision took out are not found`, async (t) => {
    const taken = ['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'tasks/result', 'tasks/list']
    for (const method of taken) {
      const answer = await ask(url + path, { method })
      t.match(answer, { status: 404, messages: [{ error: { code: -32601, message: 'of the revision 2026-07-28' } }] })
    }
  })

  t.test(`${path}: a modern request is not served without the header`, async (t) => {
    const request = { method: 'tools/list' }
    const { 'mcp-protocol-version': _, ...headers } = headersOf(request)
    const refused = await post(url + path, messageOf(request), headers)
    t.match(refused, { status: 400, messages: [{ error: { code: -32020 } }] })
    t.match(await ask(url + path, request), { status: 200, messages: [{ result: { resultType: 'complete' } }] })
  })
}

t.test('a request of the tasks extension is for the server to answer', async (t) => {
  const { status, messages } = await ask(`${url}/mcp/modern`, {
    method: 'tasks/get',
    params: { taskId: 'x' },
    headers: { 'mcp-name': 'x' },
  })
  t.match({ status, messages }, { status: 404, messages: [{ error: { code: -32601 } }] })
  t.notMatch(messages[0]?.error?.message, /of the revision/, 'the words are the server’s own')
})

/** What a session's stream says until these words come. */
async function readUntil(address: string, session: Record<string, string>, words: string): Promise<string> {
  const stream = await listen(address, session)
  let text = ''
  for (let event = await stream.nextEvent(); event !== undefined; event = await stream.nextEvent()) {
    text += event.text
    if (text.includes(words)) break
  }
  stream.close()
  return text
}
