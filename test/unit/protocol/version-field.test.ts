import t from 'tap'
import { parseMessage } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import { isJsonRpc2 } from '../../../lib/protocol/version-field.ts'

function check(json: string, cut = json.length): boolean {
  const bytes = Buffer.from(json)
  const message = parseMessage([bytes.subarray(0, cut), bytes.subarray(cut)], scanChunkJs)
  if (message.problem !== null) throw new Error(`${message.problem}: ${json}`)
  return isJsonRpc2(message)
}

t.test('a message says its version at any place and in any spelling, however it is cut', async (t) => {
  for (const json of [
    '{"jsonrpc":"2.0","id":1,"method":"x"}',
    '{"result":{"a":[1,{"jsonrpc":"1.0"}]},"jsonrpc":"2.0","id":1}',
    '{"id":"a","error":{"code":1,"message":"\\"jsonrpc\\""},"jsonrpc":"2.0"}',
    ' { "other" : [ "x" , {} ] , "json\\u0072pc" : "2\\u002e0" , "method" : "x" } ',
  ]) {
    for (let cut = 0; cut <= json.length; cut += 1) if (!check(json, cut)) t.fail(`cut at ${cut}: ${json}`)
    t.ok(check(json), json)
  }
})

t.test('a message without it, or with another one, is none', async (t) => {
  for (const json of [
    '{"level":30,"method":"GET","params":{"jsonrpc":"2.0"}}',
    '{"id":1,"result":{"jsonrpc":"2.0"}}',
    '{"jsonrpc":"1.0","id":1,"method":"x"}',
    '{"jsonrpc":2.0,"id":1,"method":"x"}',
    '{"jsonrpc":null,"id":1,"method":"x"}',
    '{"__proto__":{"jsonrpc":"2.0"},"id":1,"method":"x"}',
    '{"JSONRPC":"2.0","id":1,"method":"x"}',
  ])
    t.notOk(check(json), json)
})
