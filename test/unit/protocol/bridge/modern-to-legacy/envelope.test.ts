import t from 'tap'
import { clientOf, legacyRequestEdits, retryOf } from '../../../../../lib/protocol/bridge/modern-to-legacy/envelope.ts'
import { messageOf, textWith } from './spliced.ts'

const prefix = 'io.modelcontextprotocol/'
const envelope = `"${prefix}protocolVersion":"2026-07-28","${prefix}clientCapabilities":{},"${prefix}logLevel":"info"`

function request(params: string, size?: number) {
  return messageOf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`, size)
}

function legacyParams(params: string): string {
  const message = request(params)
  return textWith(message, legacyRequestEdits(message, '77')).slice(
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'.length,
    -1,
  )
}

t.test('the envelope goes, and everything else stays as it came', (t) => {
  t.equal(
    legacyParams(`{"_meta":{${envelope}},"name":"a" , "arguments":{ "x":1e400 }}`),
    '{"name":"a" , "arguments":{ "x":1e400 }}',
  )
  t.equal(legacyParams(`{"name":"a","_meta":{${envelope}}}`), '{"name":"a"}')
  t.equal(legacyParams(`{"_meta":{${envelope}}}`), '{}')
  t.equal(legacyParams(`{"name":"a"}`), '{"name":"a"}')
  t.end()
})

t.test('what is not the envelope stays in _meta, and the progress token becomes the one given', (t) => {
  const params = `{"_meta":{"traceparent":"00-a",${envelope},"progressToken":"mine"},"name":"a"}`
  t.equal(legacyParams(params), '{"_meta":{"traceparent":"00-a","progressToken":77},"name":"a"}')
  t.end()
})

t.test('what a retry carries goes, wherever it stands', (t) => {
  const kept = '{"name":"a","arguments":{"requestState":1}}'
  for (const params of [
    '{"inputResponses":{},"requestState":"s","name":"a","arguments":{"requestState":1}}',
    '{"name":"a","inputResponses":{},"arguments":{"requestState":1},"requestState":"s"}',
    '{"name":"a","arguments":{"requestState":1},"inputResponses":{},"requestState":"s"}',
  ]) {
    t.equal(legacyParams(params), kept)
  }
  t.equal(legacyParams('{"requestState":"s"}'), '{}')
  t.end()
})

t.test('a client is known by what an earlier server can use of its capabilities', (t) => {
  const meta = (capabilities: string, more = '') =>
    request(`{"_meta":{"${prefix}clientCapabilities":${capabilities}${more}}}`)
  const client = clientOf(meta('{"sampling":{"tools":{}},"roots":{"listChanged":true},"extensions":{"x":{}}}'))
  t.strictSame(client.capabilities, { roots: {}, sampling: { tools: {} } })
  t.ok(client.isAskable)
  t.equal(
    JSON.stringify(clientOf(meta('{"sampling":{},"roots":{}}')).capabilities),
    JSON.stringify(clientOf(meta('{"roots":{},"sampling":{}}')).capabilities),
  )
  t.notOk(clientOf(meta('{"extensions":{},"elicitation":1}')).isAskable)
  const odd = '{"elicitation":{"form":{"a":1},"url":true,"more":{}}}'
  t.strictSame(clientOf(meta(odd)).capabilities, { elicitation: { form: {} } })
  t.end()
})

t.test('a client has a name and a version, or none', (t) => {
  const named = (info: string) => clientOf(request(`{"_meta":{"${prefix}clientInfo":${info}}}`)).clientInfo
  t.strictSame(named('{"name":"n","version":"1","title":"t"}'), { name: 'n', version: '1', title: 't' })
  for (const info of ['null', '"n"', '[]', '{"name":"n"}', '{"name":1,"version":"1"}']) t.equal(named(info), null)
  t.end()
})

t.test('a log level counts when there is such a level', (t) => {
  const level = (text: string) => clientOf(request(`{"_meta":{"${prefix}logLevel":${text}}}`)).logLevel
  t.equal(level('"debug"'), 'debug')
  t.equal(level('"loud"'), null)
  t.equal(level('1'), null)
  t.end()
})

t.test('a retry is read with its answers as they came; what is no object is no answer', (t) => {
  const params = '{"name":"a","requestState":"s\\u0041","inputResponses":{"a":{"x": 1.0},"b":12345,"c":null}}'
  for (const size of [undefined, 7]) {
    const retry = retryOf(request(params, size))
    if (retry === null || retry === 'invalid') return t.fail('is a retry')
    t.equal(retry.requestState, 'sA')
    t.strictSame([...retry.responses], [['a', '{"x": 1.0}']])
  }
  return t.end()
})

t.test('what is no retry, and what only looks like one', (t) => {
  t.equal(retryOf(request('{"inputResponses":{"a":{}}}')), null)
  t.equal(retryOf(messageOf('{"jsonrpc":"2.0","id":1,"method":"x"}')), null)
  t.equal(retryOf(request('{"requestState":5}')), 'invalid')
  t.equal(retryOf(request('{"requestState":"s","inputResponses":null}')), 'invalid')
  t.same(retryOf(request('{"requestState":"s"}')), { requestState: 's', responses: new Map() })
  t.end()
})
