import t from 'tap'
import { canAnswer, declarationOf } from '../../../../lib/protocol/bridge/legacy-to-modern/declaration.ts'
import { envelopeEdits, envelopeMembers } from '../../../../lib/protocol/bridge/legacy-to-modern/envelope.ts'
import {
  ensureNoRetryMembers,
  inputRequiredOf,
  retryMembers,
} from '../../../../lib/protocol/bridge/legacy-to-modern/input-required.ts'
import { legacyParams } from '../../../../lib/protocol/bridge/legacy-to-modern/legacy-question.ts'
import { legacyErrorOf } from '../../../../lib/protocol/bridge/legacy-to-modern/modern-errors.ts'
import { listFilter, withoutSubscription } from '../../../../lib/protocol/bridge/legacy-to-modern/subscription.ts'
import { type Edit, parseMessage, splice } from '../../../../lib/protocol/message.ts'
import { newestLegacy } from '../../../../lib/protocol/revisions/index.ts'
import { scanChunkJs } from '../../../../lib/protocol/scan.ts'

/** In pieces of a few bytes, as they may come. */
function message(text: string, pieceBytes = 7) {
  const bytes = Buffer.from(text)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes))
  return parseMessage(pieces, scanChunkJs)
}

function spliced(text: string, editsOf: (parsed: ReturnType<typeof message>) => Edit[]): string {
  const parsed = message(text)
  const edits = [...editsOf(parsed)].sort((a, b) => a.span.start - b.span.start)
  return Buffer.concat(splice(parsed, edits)).toString()
}

const answer = (result: string) => message(`{"jsonrpc":"2.0","id":1,"result":${result}}`)

t.test('the envelope is put in, and every other byte stays', async (t) => {
  const cases = [
    ['{"id":1,"method":"a"}', '{"id":1,"method":"a","params":{"_meta":{E}}}'],
    ['{"id":1,"method":"a","params":{}}', '{"id":1,"method":"a","params":{"_meta":{E}}}'],
    ['{"id":1,"method":"a","params": { } }', '{"id":1,"method":"a","params": {"_meta":{E} } }'],
    ['{"params":{"x":1e2,"x":2},"id":1,"method":"a"}', '{"params":{"_meta":{E},"x":1e2,"x":2},"id":1,"method":"a"}'],
    [
      '{"id":1,"method":"a","params":{"y":"\\u00e9", "_meta":{ }}}',
      '{"id":1,"method":"a","params":{"y":"\\u00e9", "_meta":{E }}}',
    ],
    [
      '{"id":1,"method":"a","params":{"_meta":{"progressToken":1}}}',
      '{"id":1,"method":"a","params":{"_meta":{E,"progressToken":1}}}',
    ],
  ] as const
  for (const [came, goes] of cases)
    t.equal(
      spliced(came, (parsed) => envelopeEdits(parsed, 'E')),
      goes,
    )
})

t.test('a retry has its members beside the envelope', async (t) => {
  const cases = [
    ['{"id":1,"method":"a"}', '{"id":1,"method":"a","params":{"_meta":{E},R}}'],
    ['{"id":1,"method":"a","params":{"x":1}}', '{"id":1,"method":"a","params":{"_meta":{E},R,"x":1}}'],
    ['{"id":1,"method":"a","params":{"_meta":{"x":1}}}', '{"id":1,"method":"a","params":{R,"_meta":{E,"x":1}}}'],
  ] as const
  for (const [came, goes] of cases)
    t.equal(
      spliced(came, (parsed) => envelopeEdits(parsed, 'E', 'R')),
      goes,
    )
})

t.test('what could be read as an envelope of the client is refused', async (t) => {
  const refuses = (params: string) => {
    const request = message(`{"id":1,"method":"a","params":${params}}`)
    t.throws(() => envelopeEdits(request, 'E'), { code: 'INVALID_PARAMS' }, params)
  }
  refuses('[]')
  refuses('{"_meta":null}')
  refuses('{"_meta":[1]}')
  refuses('{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}')
  refuses('{"_meta":{"io.modelcontextprotocol\\/logLevel":"debug"}}')
})

t.test('the members of the envelope leave out what is not known', async (t) => {
  const facts = { protocolVersion: '2026-07-28', clientCapabilities: { roots: {} }, clientInfo: null, logLevel: null }
  t.same(JSON.parse(`{${envelopeMembers(facts)}}`), {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': { roots: {} },
  })
  const known = { ...facts, clientInfo: { name: 'n', version: '1' }, logLevel: 'info' }
  t.match(JSON.parse(`{${envelopeMembers(known)}}`), {
    'io.modelcontextprotocol/clientInfo': { name: 'n' },
    'io.modelcontextprotocol/logLevel': 'info',
  })
})

t.test('questions are taken out as they were written, on one line', async (t) => {
  const required = inputRequiredOf(
    answer(
      '{"requestState":"a\\u0062","inputRequests":{"k":{"params":{ "n":\n1e400},"method":"roots/list"},"__proto__":{"method":"x"}},"resultType":"input\\u005frequired"}',
    ),
  )
  t.same(required?.requests, [
    { key: 'k', method: 'roots/list', params: '{ "n": 1e400}' },
    { key: '__proto__', method: 'x', params: null },
  ])
  t.equal(required?.requestState, '"a\\u0062"')
  const members = retryMembers(
    new Map([
      ['k', '{"r":1e400}'],
      ['__proto__', '{}'],
    ]),
    '"a\\u0062"',
  )
  t.equal(members, '"inputResponses":{"k":{"r":1e400},"__proto__":{}},"requestState":"a\\u0062"')
  t.equal(retryMembers(new Map(), '"s"'), '"requestState":"s"')
})

t.test('other results are no questions', async (t) => {
  for (const result of ['{}', '{"resultType":"complete"}', '{"x":{"resultType":"input_required"}}', '[]', 'null'])
    t.equal(inputRequiredOf(answer(result)), null, result)
  t.equal(inputRequiredOf(message('{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}')), null)
})

t.test('questions that make no sense are the fault of the server', async (t) => {
  const refuses = (members: string) =>
    t.throws(
      () => inputRequiredOf(answer(`{"resultType":"input_required"${members}}`)),
      { code: 'TRANSPORT_ERROR' },
      members,
    )
  refuses('')
  refuses(',"inputRequests":[]')
  refuses(',"inputRequests":{"k":1}')
  refuses(',"inputRequests":{"k":{"method":1}}')
  refuses(',"inputRequests":{"k":{"method":"a"},"\\u006b":{"method":"b"}}')
  refuses(',"requestState":"a","requestState":"b"')
  const many = Array.from({ length: 33 }, (_, index) => `"${index}":{"method":"roots/list"}`)
  refuses(`,"inputRequests":{${many}}`)
})

t.test('a result of any length is looked at, and more than 1 MiB of questions are refused', async (t) => {
  const long = (resultType: string) =>
    message(`{"jsonrpc":"2.0","id":1,"result":{"x":"${'y'.repeat(1 << 20)}","resultType":"${resultType}"}}`, 1 << 16)
  t.equal(inputRequiredOf(long('complete')), null)
  t.throws(() => inputRequiredOf(long('input_required')), { code: 'TRANSPORT_ERROR', message: /1048576 bytes/ })
})

t.test('a request that already has what a retry adds cannot be sent again', async (t) => {
  for (const key of ['inputResponses', 'requestState', 'requestSt\\u0061te']) {
    const request = message(`{"id":1,"method":"tools/call","params":{"${key}":{}}}`)
    t.throws(() => ensureNoRetryMembers(request), { code: 'INVALID_PARAMS' })
  }
  t.doesNotThrow(() => ensureNoRetryMembers(message('{"id":1,"method":"a","params":{"arguments":{"requestState":1}}}')))
  t.doesNotThrow(() => ensureNoRetryMembers(message('{"id":1,"method":"a"}')))
})

t.test('what a client declared is told in the words of the new revision', async (t) => {
  const capabilities = { roots: { listChanged: true }, sampling: {}, tasks: {}, experimental: { x: {} } }
  t.same(declarationOf({ protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'n', version: '1' } }), {
    revision: newestLegacy,
    capabilities: { roots: {}, sampling: {}, experimental: { x: {} } },
    clientInfo: { name: 'n', version: '1' },
  })
  t.match(declarationOf({ protocolVersion: 'x', clientInfo: { name: 'n' } }), { capabilities: {}, clientInfo: null })
  t.throws(() => declarationOf({}), { code: 'INVALID_PARAMS' })
})

t.test('what the client’s own revision does not have is not told', async (t) => {
  const capabilities = { elicitation: { url: {} }, sampling: { tools: {} } }
  const told = (protocolVersion: string) => declarationOf({ protocolVersion, capabilities }).capabilities
  t.same(told('2025-11-25'), capabilities)
  t.same(told('2025-06-18'), { elicitation: {}, sampling: {} })
  t.same(told('2025-03-26'), { sampling: {} })
})

t.test('only what was declared may be asked', async (t) => {
  const url = '{"mode":"url"}'
  const cases = [
    [{ roots: {} }, 'roots/list', null, true],
    [{}, 'roots/list', null, false],
    [{ sampling: {} }, 'sampling/createMessage', '{}', true],
    [{ roots: {} }, 'sampling/createMessage', '{}', false],
    [{ elicitation: {} }, 'elicitation/create', '{}', true],
    [{ elicitation: {} }, 'elicitation/create', url, false],
    [{ elicitation: { url: {} } }, 'elicitation/create', url, true],
    [{ elicitation: { url: {} } }, 'elicitation/create', '{"mode":"form"}', false],
    [{ elicitation: { form: {}, url: {} } }, 'elicitation/create', '{}', true],
    [{ elicitation: {}, sampling: {}, roots: {} }, 'tools/call', null, false],
  ] as const
  for (const [capabilities, method, params, can] of cases) t.equal(canAnswer(capabilities, method, params), can)
})

t.test('a URL to open has the id that legacy clients want, everything else stays', async (t) => {
  const asked = (method: string, params: string | null) => legacyParams({ key: 'k', method, params }, 'id')
  t.equal(asked('elicitation/create', '{ "mode":"url","x":1e2}'), '{"elicitationId":"id", "mode":"url","x":1e2}')
  t.equal(asked('elicitation/create', '{"mode":"url","elicitationId":"own"}'), '{"mode":"url","elicitationId":"own"}')
  t.equal(asked('elicitation/create', '{"message":"m"}'), '{"message":"m"}')
  t.equal(asked('sampling/createMessage', '{"mode":"url"}'), '{"mode":"url"}')
  t.equal(asked('roots/list', null), null)
})

t.test('errors that only the new revision has are told in other words', async (t) => {
  const error = (code: number, data = {}) =>
    legacyErrorOf(message(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message: 'm', data } })))
  t.match(error(-32020), { code: 'TRANSPORT_ERROR' })
  t.match(error(-32022), { code: 'TRANSPORT_ERROR' })
  t.match(error(-32021, { requiredCapabilities: { sampling: {} } }), { rpcCode: -32600, message: /sampling/ })
  for (const code of [-32602, -32601, -32002, 1]) t.equal(error(code), null)
  t.equal(legacyErrorOf(message('{"jsonrpc":"2.0","id":1,"error":null}')), null)
  t.equal(legacyErrorOf(answer('{}')), null)
})

t.test('a notification of a subscription becomes one of nobody in particular', async (t) => {
  const id = '"io.modelcontextprotocol/subscriptionId"'
  const event = (meta: string) => `{"method":"notifications/resources/updated","params":{"uri":"a:b","_meta":${meta}}}`
  t.equal(spliced(event(`{${id}:7}`), withoutSubscription), event('{}'))
  t.equal(spliced(event(`{"a": 1, ${id} : "7", "b":[1 ,2]}`), withoutSubscription), event('{"a":1,"b":[1 ,2]}'))
  t.equal(spliced(event('{"a": 1}'), withoutSubscription), event('{"a": 1}'))
})

t.test('a server is listened to for what it can tell', async (t) => {
  const lists = { toolsListChanged: true, resourcesListChanged: true }
  t.same(listFilter({ tools: { listChanged: true }, prompts: {}, resources: { listChanged: true } }), lists)
  t.same(listFilter({}), {})
})
