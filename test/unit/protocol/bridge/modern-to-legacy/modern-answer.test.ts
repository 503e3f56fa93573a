import t from 'tap'
import {
  isFailure,
  modernAnswerEdits,
  modernErrorCode,
} from '../../../../../lib/protocol/bridge/modern-to-legacy/modern-answer.ts'
import { messageOf, textWith } from './spliced.ts'

const info = { name: 's', version: '1' }
const infoText = '"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}'

function modern(answer: string, method: string, serverInfo: object | null = info): string {
  const message = messageOf(`{"jsonrpc":"2.0","id":1,${answer}}`)
  return textWith(message, modernAnswerEdits(message, method, serverInfo)).slice('{"jsonrpc":"2.0","id":1,'.length, -1)
}

t.test('a result says that it is complete and whose it is', (t) => {
  t.equal(
    modern('"result":{"content":[ ]}', 'tools/call'),
    `"result":{"resultType":"complete","_meta":{${infoText}},"content":[ ]}`,
  )
  t.equal(modern('"result":{}', 'tools/call'), `"result":{"resultType":"complete","_meta":{${infoText}}}`)
  t.equal(modern('"result":{}', 'tools/call', null), '"result":{"resultType":"complete"}')
  t.end()
})

t.test('what may be kept says for how long, which is not at all', (t) => {
  for (const method of ['tools/list', 'resources/read']) {
    t.equal(
      modern('"result":{"a":1}', method, null),
      '"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","a":1}',
    )
  }
  t.notMatch(modern('"result":{"a":1}', 'prompts/get', null), 'ttlMs')
  t.end()
})

t.test('what a result says already is not said twice', (t) => {
  const said = `"result":{"resultType":"task","ttlMs":5,"cacheScope":"public","_meta":{${infoText}}}`
  t.equal(modern(said, 'tools/list'), said)
  t.equal(modern('"result":{"_meta":{"a":1}}', 'x'), `"result":{"resultType":"complete","_meta":{${infoText},"a":1}}`)
  t.equal(modern('"result":{"_meta":{}}', 'x'), `"result":{"resultType":"complete","_meta":{${infoText}}}`)
  t.end()
})

t.test('a resource that is not there is an invalid param; other errors stay', (t) => {
  t.equal(
    modern('"error":{"message":"no" , "code":-32002,"data":{}}', 'resources/read'),
    '"error":{"message":"no" , "code":-32602,"data":{}}',
  )
  t.equal(modern('"error":{"code":-32601,"message":"no"}', 'x'), '"error":{"code":-32601,"message":"no"}')
  t.equal(modern('"error":null', 'x'), '"error":null')
  const code = (error: string) => modernErrorCode(messageOf(`{"jsonrpc":"2.0","id":1,"error":${error}}`))
  t.equal(code('{"code":-32002,"message":""}'), -32602)
  t.equal(code('{"code":-32601,"message":""}'), -32601)
  t.equal(code('{"code":"x"}'), null)
  t.end()
})

t.test('a failure is an error, or the result of a tool that says so', (t) => {
  const failed = (answer: string) => isFailure(messageOf(`{"jsonrpc":"2.0","id":1,${answer}}`))
  t.ok(failed('"error":{"code":1,"message":""}'))
  t.ok(failed('"result":{"content":[],"isError":true}'))
  t.notOk(failed('"result":{"content":[],"isError":false}'))
  t.notOk(failed('"result":{"structuredContent":{"isError":true}}'))
  t.end()
})
