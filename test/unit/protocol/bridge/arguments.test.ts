import t from 'tap'
import { argumentsAt } from '../../../../lib/protocol/bridge/arguments.ts'
import { parseMessage } from '../../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../../lib/protocol/scan.ts'

const callOf = (params: string, pieceBytes = 1 << 20) => {
  const body = Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`)
  const pieces = []
  for (let at = 0; at < body.length; at += pieceBytes) pieces.push(body.subarray(at, at + pieceBytes))
  return parseMessage(pieces, scanChunkJs)
}

t.test('values are found at their paths, however the body was cut into pieces', async (t) => {
  const params = '{"name":"x","arguments":{"a":"é\\n","deep":{"b":7,"c":null},"d":true}}'
  for (const pieceBytes of [1, 7, 1 << 20]) {
    const call = callOf(params, pieceBytes)
    t.same(argumentsAt(call, [['a'], ['deep', 'b'], ['deep', 'c'], ['d']]), ['é\n', 7, null, true])
  }
})

t.test('what is absent, an object or no object on the way is undefined', async (t) => {
  const call = callOf('{"name":"x","arguments":{"a":{"b":[1]}}}')
  t.same(argumentsAt(call, [['b'], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['__proto__']]), Array(5).fill(undefined))
  t.same(argumentsAt(callOf('{"name":"x"}'), [['a']]), [undefined])
  t.same(argumentsAt(callOf('{"name":"x","arguments":[]}'), [['a']]), [undefined])
})

t.test('a key that stands twice on the way is refused, also in another spelling', async (t) => {
  for (const params of [
    '{"arguments":{"a":1},"arguments":{"a":2}}',
    '{"arguments":{"a":1,"a":2}}',
    '{"arguments":{"a":1,"\\u0061":2}}',
  ])
    t.throws(() => argumentsAt(callOf(params), [['a']]), { code: 'INVALID_REQUEST' }, params)
  t.same(argumentsAt(callOf('{"arguments":{"a":1,"b":2,"b":3}}'), [['a']]), [1])
})

t.test('a value that no header could repeat is refused, and a large one beside it is not looked at', async (t) => {
  const large = JSON.stringify('x'.repeat(70_000))
  t.throws(() => argumentsAt(callOf(`{"arguments":{"a":${large}}}`), [['a']]), { code: 'TOO_LARGE' })
  t.same(argumentsAt(callOf(`{"arguments":{"b":${large},"a":1}}`), [['a']]), [1])
})
