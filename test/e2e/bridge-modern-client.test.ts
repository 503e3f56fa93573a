/** Modern clients in front of legacy servers. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import t from 'tap'
import { fixtureServer, packageServer, server, startGateway } from '../fixtures/gateway.ts'
import { said } from '../fixtures/wire.ts'
import { until } from '../support/until.ts'
import { ask, open, resultOf } from './bridge-modern-wire.ts'

const everything = server('everything', [packageServer('@modelcontextprotocol/server-everything')])
const running = await startGateway([
  everything,
  server('fix', [fixtureServer('legacy.mjs'), 'fix']),
  server('strict', [fixtureServer('legacy.mjs'), 'strict', 'fail-unanswered']),
  server('dual', [fixtureServer('dual.mjs'), 'dual']),
  server('small', [fixtureServer('legacy.mjs'), 'small'], { maxInstances: 2 }),
])
t.teardown(() => running.gateway.stop(0))
const { url } = running
const fix = `${url}/mcp/fix`
const sampling = { sampling: {} }
const sample = { params: { name: 'sample', arguments: { value: 'q' } }, capabilities: sampling }
const answer = { role: 'assistant', model: 'm', content: { type: 'text', text: 'sampled words' } }

const textOf = (result: unknown): string => {
  const [first] = (result as CallToolResult).content
  return first?.type === 'text' ? first.text : ''
}

async function connect(path: string, capabilities: object): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(url + path)))
  return client
}

for (const path of ['/mcp/everything', '/mcp']) {
  const prefix = path === '/mcp' ? 'everything__' : ''
  t.test(`an SDK 2.x client has sampling, elicitation and roots of a legacy server through ${path}`, async (t) => {
    const client = await connect(path, { sampling: {}, elicitation: { form: {} }, roots: {} })
    t.equal(client.getNegotiatedProtocolVersion(), '2026-07-28')
    const asked: string[] = []
    client.setRequestHandler('sampling/createMessage', () => {
      asked.push('sampling')
      return { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled words' } }
    })
    client.setRequestHandler('elicitation/create', () => {
      asked.push('elicitation')
      return { action: 'decline' }
    })
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///a/root', name: 'a root' }] }))
    await client.listTools()
    const call = (name: string, args = {}) => client.callTool({ name: prefix + name, arguments: args })
    t.match(textOf(await call('trigger-sampling-request', { prompt: 'p', maxTokens: 5 })), 'sampled words')
    await call('trigger-elicitation-request')
    t.match(textOf(await call('get-roots-list')), 'file:///a/root')
    t.same(asked, ['sampling', 'elicitation'])
    await client.close()
  })
}

t.test('a URL that a legacy server wants visited first is a question, after which it is asked again', async (t) => {
  const client = await connect('/mcp/everything', { elicitation: { form: {}, url: {} } })
  const asked: unknown[] = []
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params.message)
    return { action: 'accept' }
  })
  const args = { url: 'http://127.0.0.1/visit', message: 'go there', elicitationId: 'e', errorPath: true }
  const result = await client.callTool({ name: 'trigger-url-elicitation', arguments: args })
  t.notOk(result.isError)
  // The second time the server asks by a request of its own.
  t.match(asked, [/then retry the request/, 'go there'])
  await client.close()
})

t.test('/mcp joins servers of both eras for a modern client', async (t) => {
  const client = await connect('/mcp', {})
  const names = (await client.listTools()).tools.map(({ name }) => name)
  for (const name of ['everything__echo', 'fix__echo', 'dual__echo']) t.ok(names.includes(name), name)
  const call = async (name: string, args: object) => textOf(await client.callTool({ name, arguments: { ...args } }))
  t.match(await call('everything__echo', { message: 'hi' }), 'hi')
  t.equal(await call('fix__echo', { value: 'hi' }), 'hi')
  t.equal(await call('dual__echo', { value: 'hi' }), 'hi')
  t.match((await client.readResource({ uri: 'fix://item/7' })).contents, [{ text: 'fix://item/7 of fix' }])
  await client.close()
})

t.test('server/discover tells what the server told when it was initialised', async (t) => {
  t.match(await resultOf(fix, { method: 'server/discover' }), {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: { listChanged: true }, logging: {} },
    instructions: 'for mcp-one',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'fix' } },
  })
})

t.test('a method that is not there is 404, a resource that is not there an invalid param', async (t) => {
  t.match(await ask(fix, { method: 'nothing/here' }), { status: 404, messages: [{ error: { code: -32601 } }] })
  const params = { uri: 'other://one' }
  t.match(await ask(fix, { method: 'resources/read', params }), { messages: [{ error: { code: -32602 } }] })
})

t.test('every step of progress arrives under the token of the client, before the result', async (t) => {
  const params = { name: 'steps', arguments: { count: 3, value: 'done' } }
  const { messages } = await ask(fix, { params, meta: { progressToken: 'mine' } })
  t.same(
    messages.slice(0, -1).map(({ params }) => [params?.['progressToken'], params?.['progress']]),
    [
      ['mine', 1],
      ['mine', 2],
      ['mine', 3],
    ],
  )
  t.equal(messages.at(-1)?.result.resultType, 'complete')
})

t.test('log messages reach a request that asks for them, and no other', async (t) => {
  const params = { name: 'log', arguments: { value: 'a line' } }
  const meta = { 'io.modelcontextprotocol/logLevel': 'info' }
  t.match((await ask(fix, { params, meta })).messages, [{ method: 'notifications/message' }, { result: {} }])
  t.equal((await ask(fix, { params })).messages.length, 1)
})

t.test('a question of the server is answered by the next request, which has the result', async (t) => {
  const first = await resultOf(fix, sample)
  t.match(first, { resultType: 'input_required', requestState: /.{40}/ })
  const [[key, question]] = Object.entries(first.inputRequests) as [[string, unknown]]
  t.match(question, { method: 'sampling/createMessage', params: { maxTokens: 10 } })
  const { requestState } = first
  const again = (more: object) => ask(fix, { ...sample, params: { ...sample.params, ...more }, id: 'again' })
  const missing = (await again({ requestState, inputResponses: { other: answer, [key]: 5 } })).messages[0]?.result
  t.match(missing, { resultType: 'input_required', inputRequests: { [key]: {} } })
  t.match(
    await again({ requestState, inputResponses: { [key]: answer } }),
    { messages: [{ error: { code: -32602, message: /no longer waits/ } }] },
    'a state counts once',
  )
  const done = await again({ requestState: missing.requestState, inputResponses: { [key]: answer, more: {} } })
  t.match(said(done), 'sampled words')
  t.equal(done.messages[0]?.id, 'again')
  t.equal(done.messages[0]?.result.resultType, 'complete')
})

t.test('a retry that is not the same request is refused, and leaves the call as it was', async (t) => {
  const { requestState, inputRequests } = await resultOf(fix, sample)
  const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, answer]))
  const retry = (params: object, path = fix) =>
    ask(path, { ...sample, params: { ...sample.params, inputResponses, requestState, ...params } })
  const refused = { status: 400, messages: [{ error: { code: -32602 } }] }
  t.match(await retry({ requestState: `${requestState}-TAMPERED` }), refused)
  t.match(await retry({ arguments: { value: 'other' } }), refused)
  t.match(await retry({ requestState: 7 }), refused)
  t.match(await retry({ inputResponses: null }), refused)
  t.match(await retry({}, `${url}/mcp/small`), refused)
  t.match(said(await retry({})), 'sampled words')
})

t.test('what a client did not declare it is not asked, and is told what the server needs', async (t) => {
  const { capabilities: _, ...undeclared } = sample
  // The server goes on without: its result is no failure.
  t.match(said(await ask(fix, undeclared)), /-32601/)
  t.match(await ask(`${url}/mcp/strict`, undeclared), {
    status: 400,
    messages: [{ error: { code: -32021, data: { requiredCapabilities: { sampling: {} } } } }],
  })
})

t.test('a copy with a call that waits is held, and there is a bound', async (t) => {
  const small = `${url}/mcp/small`
  const waiting = [await resultOf(small, sample), await resultOf(small, sample)]
  t.match(waiting, [{ resultType: 'input_required' }, { resultType: 'input_required' }])
  t.match(await ask(small, sample), { status: 503, messages: [{ error: { code: -31503 } }] })
  for (const { requestState, inputRequests } of waiting) {
    const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, answer]))
    const params = { ...sample.params, requestState, inputResponses }
    t.match(said(await ask(small, { ...sample, params })), 'sampled words')
  }
  t.equal(said(await ask(small, { params: { name: 'echo', arguments: { value: 'v' } } })), 'v', 'idle copies make room')
})

t.test('a server that dies while its call waits is told of when the client comes back', async (t) => {
  const small = `${url}/mcp/small`
  const before = new Set(running.started)
  const client = { ...sample, capabilities: { sampling: { tools: {} } } }
  const retry = (requestState: string) =>
    ask(small, { ...client, params: { ...sample.params, requestState, inputResponses: {} } })
  let state: string = (await resultOf(small, client)).requestState
  for (const pid of running.started.filter((pid) => !before.has(pid))) process.kill(pid, 'SIGKILL')
  // Until the gateway has seen it, what is not answered is asked again.
  const told = await until(async () => {
    const [message] = (await retry(state)).messages
    if (message?.result !== undefined) state = message.result.requestState
    return message?.error
  })
  t.match(told, { code: -31502, message: /was ended by SIGKILL/ })
  t.match((await retry(state)).messages[0], { error: { code: -32602 } }, 'and it is told once')
})

t.test('calls that wait at once get each their own answer', async (t) => {
  const values = ['a', 'b', 'c']
  const callOf = (value: string) => ({ ...sample, params: { name: 'sample', arguments: { value } } })
  const firsts = await Promise.all(values.map((value) => resultOf(fix, callOf(value))))
  const texts = await Promise.all(
    values.map(async (value, index) => {
      const { requestState, inputRequests } = firsts[index]
      const [[key, question]] = Object.entries(inputRequests) as [[string, unknown]]
      t.match(question, { params: { messages: [{ content: { text: value } }] } })
      const reply = { ...answer, content: { type: 'text', text: `for ${value}` } }
      const params = { ...callOf(value).params, requestState, inputResponses: { [key]: reply } }
      return said(await ask(fix, { ...sample, params }))
    }),
  )
  for (const [index, value] of values.entries()) t.match(texts[index], `for ${value}`)
})

t.test('a client that goes away cancels its call', async (t) => {
  const params = { name: 'hang', arguments: {} }
  const hanging = await open(fix, { params, meta: { progressToken: 'p' } })
  t.match(await hanging.next(), { method: 'notifications/progress' })
  hanging.close()
  const count = async () => said(await ask(fix, { params: { name: 'cancellations', arguments: {} } }))
  t.ok(await until(async () => (await count()) === '1'))
})

t.test('a server that dies answers the call with an error, and the next one works', async (t) => {
  t.match(await ask(fix, { params: { name: 'crash', arguments: {} } }), {
    messages: [{ error: { message: /exited with code 7/ } }],
  })
  t.equal(said(await ask(fix, { params: { name: 'echo', arguments: { value: 'v' } } })), 'v')
})

for (const path of ['/mcp/fix', '/mcp']) {
  t.test(`subscriptions/listen on ${path} is acknowledged, told of changes, and ends`, async (t) => {
    const params = { notifications: { toolsListChanged: true, promptsListChanged: true } }
    const listening = await open(url + path, { method: 'subscriptions/listen', params, id: 'sub' })
    const tag = { 'io.modelcontextprotocol/subscriptionId': 'sub' }
    t.match(await listening.next(), {
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: true }, _meta: tag },
    })
    await ask(fix, { params: { name: 'announce', arguments: {} } })
    t.match(await listening.next(), { method: 'notifications/tools/list_changed', params: { _meta: tag } })
    await ask(fix, { params: { name: 'crash', arguments: {} } })
    // Others of the servers on /mcp may have changed meanwhile.
    let last = await listening.next()
    while (last?.method !== undefined) last = await listening.next()
    t.match(last, { id: 'sub', result: { resultType: 'complete', _meta: tag } })
    t.equal(await listening.next(), undefined)
  })
}

t.test('a resource that is subscribed to is told of', async (t) => {
  const [resource] = (await resultOf(`${url}/mcp/everything`, { method: 'resources/list' })).resources
  const params = { notifications: { resourceSubscriptions: [resource.uri] } }
  const listening = await open(`${url}/mcp/everything`, { method: 'subscriptions/listen', params, id: 9 })
  t.match(await listening.next(), { params: { notifications: { resourceSubscriptions: [resource.uri] } } })
  await ask(`${url}/mcp/everything`, { params: { name: 'toggle-subscriber-updates', arguments: {} } })
  t.match(await listening.next(), {
    method: 'notifications/resources/updated',
    params: { uri: resource.uri, _meta: { 'io.modelcontextprotocol/subscriptionId': 9 } },
  })
  listening.close()
})

t.test('a gateway that ends does not wait for clients that were asked something', async (t) => {
  const ending = await startGateway([server('fix', [fixtureServer('legacy.mjs'), 'fix'])])
  t.match(await resultOf(`${ending.url}/mcp/fix`, sample), { resultType: 'input_required' })
  // Much longer than this test may take.
  await ending.gateway.stop(600_000)
  t.pass('it has ended')
})
