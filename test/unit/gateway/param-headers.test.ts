import t from 'tap'
import type { Claims } from '../../../lib/gateway/model.ts'
import { ToolHeaders } from '../../../lib/gateway/param-headers.ts'
import { parseMessage } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'

const parse = (message: object) =>
  parseMessage([Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }))], scanChunkJs)
const annotated = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, count: { type: 'integer', 'x-mcp-header': 'N' } },
}
const tool = (name: string, inputSchema: object = annotated) => ({ name, inputSchema })
const page = (tools: object[], nextCursor?: string) => parse({ result: { tools, nextCursor } })
const call = (args: object) => parse({ method: 'tools/call', params: { name: 'run', arguments: args } })
const claims = (paramHeaders: Claims['paramHeaders']): Claims => ({
  sessionId: undefined,
  lastEventId: undefined,
  protocolVersion: '2026-07-28',
  method: 'tools/call',
  name: 'run',
  paramHeaders,
})
const never = () => Promise.reject(new Error('nobody is to be asked'))

t.test('what a list told is compared without asking', async (t) => {
  const headers = new ToolHeaders()
  headers.learnFrom(page([tool('run')]))
  await headers.ensure(
    call({ region: 'eu', count: 7 }),
    'run',
    claims({ 'mcp-param-region': 'eu', 'mcp-param-n': '7.0' }),
    never,
  )
  await headers.ensure(call({}), 'run', claims({ 'mcp-param-other': 'x' }), never)
  for (const came of [{}, { 'mcp-param-region': 'EU' }, { 'mcp-param-region': '=?base64?ZXU?=' }])
    await t.rejects(headers.ensure(call({ region: 'eu' }), 'run', claims(came), never), { code: 'HEADER_MISMATCH' })
  await t.rejects(headers.ensure(call({}), 'run', claims({ 'mcp-param-region': 'eu' }), never), {
    code: 'HEADER_MISMATCH',
  })
})

t.test('a transport without headers has none to compare', async () => {
  const headers = new ToolHeaders()
  headers.learnFrom(page([tool('run')]))
  await headers.ensure(call({ region: 'eu' }), 'run', claims(null), never)
})

t.test('a tool that was never listed is looked up once, on every page', async (t) => {
  let now = 0
  const headers = new ToolHeaders(() => now)
  const asked: object[] = []
  const ask = async (params: { cursor?: string }) => {
    asked.push(params)
    return params.cursor === undefined ? page([tool('first')], 'next') : page([tool('run')])
  }
  const twice = [1, 2].map(() =>
    t.rejects(headers.ensure(call({ region: 'eu' }), 'run', claims({}), ask), { code: 'HEADER_MISMATCH' }),
  )
  await Promise.all(twice)
  t.same(asked, [{}, { cursor: 'next' }])
  await headers.ensure(call({}), 'unknown', claims({}), ask)
  t.equal(asked.length, 2, 'not again so soon')
  now = 60_000
  await headers.ensure(call({}), 'unknown', claims({}), ask)
  t.equal(asked.length, 4)
})

t.test('a server that lists nothing, or anything but tools, asks for no header', async () => {
  for (const answer of [parse({ error: { code: -32601, message: 'no' } }), parse({ result: { tools: {} } })]) {
    const headers = new ToolHeaders()
    headers.learnFrom(answer)
    await headers.ensure(call({ region: 'eu' }), 'run', claims({}), async () =>
      parse({ error: { code: -32601, message: 'no' } }),
    )
  }
})

t.test('a later list takes the place of an earlier one', async (t) => {
  const headers = new ToolHeaders()
  headers.learnFrom(page([tool('run')]))
  headers.learnFrom(page([tool('run', { type: 'object' })]))
  await headers.ensure(call({ region: 'eu' }), 'run', claims({}), never)
  headers.learnFrom(page([tool('run')]))
  await t.rejects(headers.ensure(call({ region: 'eu' }), 'run', claims({}), never), { code: 'HEADER_MISMATCH' })
})

t.test('a param that stands twice in the body is refused, since nobody knows which one is meant', async (t) => {
  const headers = new ToolHeaders()
  headers.learnFrom(page([tool('run')]))
  const body =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run","arguments":{"region":"a","region":"b"}}}'
  const message = parseMessage([Buffer.from(body)], scanChunkJs)
  await t.rejects(headers.ensure(message, 'run', claims({ 'mcp-param-region': 'a' }), never), {
    code: 'INVALID_REQUEST',
  })
})
