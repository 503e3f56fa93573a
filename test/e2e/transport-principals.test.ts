/** Two principals on one gateway: what belongs to one of them cannot be reached by the other, whatever they know of it. */
import t from 'tap'
import { fixtureServer, server } from '../fixtures/gateway.ts'
import { startForPrincipals } from '../fixtures/principals.ts'
import { jsonHeaders, listen, openingOf, post, said, send } from '../fixtures/wire.ts'
import { ask, resultOf } from './bridge-modern-wire.ts'

const legacy = fixtureServer('legacy.mjs')
const url = await startForPrincipals(t, [
  server('fix', [legacy, 'fix']),
  server('own', [legacy, 'own'], { sharing: 'principal', protocol: 'legacy' }),
  server('all', [legacy, 'all'], { sharing: 'shared', protocol: 'legacy' }),
])

t.test('a stream of one principal takes no messages of another, in the words for no stream at all', async (t) => {
  const stream = await listen(`${url}/sse/fix`, { authorization: 'me' })
  const endpoint = await stream.nextEvent()
  const [, path = ''] = /^event: endpoint\ndata: \/prefix(\S+)\n\n$/.exec(endpoint?.text ?? '') ?? []
  t.match(path, /^\/messages\?sessionId=[\w-]{32}$/, 'with the prefix of the public address')
  const foreign = await post(url + path, openingOf(), { authorization: 'you' })
  const unknown = await post(`${url}/messages?sessionId=x`, openingOf(), { authorization: 'you' })
  t.equal(foreign.status, 404)
  t.equal(foreign.text, unknown.text)
  t.equal((await post(url + path, openingOf(), { authorization: 'me' })).status, 202)
  t.match(await stream.next(), { id: 0, result: {} })
  stream.close()
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

t.test('a call of one principal that waits for answers is not gone on with by another', async (t) => {
  const sample = { params: { name: 'sample', arguments: { value: 'q' } }, capabilities: { sampling: {} } }
  const as = (who: string, more: object = {}) =>
    ask(`${url}/mcp/fix`, { ...sample, params: { ...sample.params, ...more }, headers: { authorization: who } })
  const { requestState, inputRequests } = await resultOf(`${url}/mcp/fix`, {
    ...sample,
    headers: { authorization: 'me' },
  })
  const answer = { role: 'assistant', model: 'm', content: { type: 'text', text: 'sampled words' } }
  const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, answer]))
  const foreign = await as('you', { requestState, inputResponses })
  t.match(foreign, { status: 400, messages: [{ error: { code: -32602, message: /none that this gateway gave/ } }] })
  t.match(said(await as('me', { requestState, inputResponses })), 'sampled words')
})

t.test('sessions of one principal share a process, and those of two only where that is written', async (t) => {
  const processOf = async (name: string, authorization: string) => {
    const opened = await post(`${url}/mcp/${name}`, openingOf(), { authorization })
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']), authorization }
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } }
    return said(await post(`${url}/mcp/${name}`, call, session)).split(':')[1]
  }
  const [mine, again, yours] = [
    await processOf('own', 'me'),
    await processOf('own', 'me'),
    await processOf('own', 'you'),
  ]
  t.equal(again, mine)
  t.not(yours, mine)
  t.equal(await processOf('all', 'me'), await processOf('all', 'you'))
})
