import fc from 'fast-check'
import t from 'tap'
import { parseMessage } from '../../../lib/protocol/message.ts'
import type { Message } from '../../../lib/protocol/model.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import { ToolHeaders } from '../../../lib/upstream/http/tool-headers.ts'
import { silent } from '../../fixtures/gateway.ts'

function message(json: string): Message {
  return parseMessage([Buffer.from(json)], scanChunkJs)
}

function listOf(tools: readonly string[], comma = ','): Message {
  return message(`{"jsonrpc":"2.0","id":1,"result":{"tools":[ ${tools.join(comma)} ],"nextCursor":"c"}}`)
}

function tool(name: string, header: string, type = 'string'): string {
  return `{"name":"${name}","inputSchema":{"type":"object","properties":{"p":{"type":"${type}","x-mcp-header":"${header}"}}}}`
}

function callOf(name: string, args: string): Message {
  return message(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`)
}

const headers = () => new ToolHeaders('far', scanChunkJs, silent)
const textOf = ({ pieces }: Message) => Buffer.concat(pieces).toString()

t.test('the headers of a call are those that its tool was listed with', async (t) => {
  const learnt = headers()
  const list = listOf([tool('a', 'Region'), tool('b', 'Count', 'integer'), '{"name":"c"}'])
  t.equal(learnt.learn(list), list, 'the list stays the very message that came')
  t.strictSame(learnt.of(callOf('a', '{"p":"eu"}')), { 'mcp-param-region': 'eu' })
  t.strictSame(learnt.of(callOf('a', '{"p":"größe"}')), {
    'mcp-param-region': `=?base64?${Buffer.from('größe').toString('base64')}?=`,
  })
  t.strictSame(learnt.of(callOf('b', '{"p":42}')), { 'mcp-param-count': '42' })
  for (const args of ['{}', '{"p":null}', '{"q":"eu"}']) t.strictSame(learnt.of(callOf('a', args)), {})
  t.strictSame(learnt.of(callOf('c', '{"p":"eu"}')), {})
  t.ok(learnt.knows('c'))
  t.notOk(learnt.knows('d'))
})

t.test('a later list stands above an earlier one', async (t) => {
  const learnt = headers()
  learnt.learn(listOf([tool('a', 'Old')]))
  learnt.learn(listOf([tool('a', 'New')]))
  t.strictSame(learnt.of(callOf('a', '{"p":"x"}')), { 'mcp-param-new': 'x' })
})

t.test('a tool that is left out of the lists is not called either, until it is listed well', async (t) => {
  const learnt = headers()
  learnt.learn(listOf([tool('a', 'no good')]))
  t.throws(() => learnt.of(callOf('a', '{"p":"x"}')), { code: 'INVALID_PARAMS', message: /is left out of the lists/ })
  learnt.learn(listOf([tool('a', 'Good')]))
  t.strictSame(learnt.of(callOf('a', '{"p":"x"}')), { 'mcp-param-good': 'x' })
})

t.test('whichever tools are invalid, the others stay byte for byte and in order', async (t) => {
  const flags = fc.array(fc.boolean(), { maxLength: 12 })
  fc.assert(
    fc.property(flags, fc.constantFrom(',', ' , ', ',\n'), (valid, comma) => {
      const tools = valid.map((isValid, index) => tool(`t${index}`, isValid ? 'Good' : 'no good'))
      const kept = textOf(headers().learn(listOf(tools, comma)))
      const { result } = JSON.parse(kept)
      t.strictSame(result.nextCursor, 'c')
      t.strictSame(
        result.tools.map(({ name }: { name: string }) => name),
        valid.flatMap((isValid, index) => (isValid ? [`t${index}`] : [])),
      )
      for (const [index, isValid] of valid.entries()) t.equal(kept.includes(tools[index] ?? ''), isValid)
    }),
    { numRuns: 200 },
  )
})

t.test('an annotation in an escaped spelling counts', async (t) => {
  const escaped = tool('a', 'no good').replace('x-mcp-header', 'x-mcp\\u002dheader')
  t.match(JSON.parse(textOf(headers().learn(listOf([escaped])))).result.tools, [])
})

t.test('an error is passed on as it is, and a list that cannot be used is refused', async (t) => {
  const error = message('{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"x"}}')
  t.equal(headers().learn(error), error)
  t.throws(() => headers().learn(message('{"jsonrpc":"2.0","id":1,"result":{"tools":7}}')), { code: 'TRANSPORT_ERROR' })
  const twice = tool('a', 'A').replace('"inputSchema"', '"inputSchema":{"x":"\\u0041"},"inputSchema"')
  t.throws(() => headers().learn(listOf([twice])), { code: 'TRANSPORT_ERROR', message: /two input schemas/ })
})

t.test('an unknown tool is looked up once in a while, and not for each call', async (t) => {
  const learnt = headers()
  let lists = 0
  const list = async () => {
    lists += 1
    await new Promise((resolve) => setImmediate(resolve))
    learnt.learn(listOf([tool('a', 'A')]))
  }
  await Promise.all([learnt.lookUp(list), learnt.lookUp(list)])
  t.ok(learnt.knows('a'))
  await learnt.lookUp(list)
  t.equal(lists, 1)
  await headers().lookUp(() => Promise.reject(new Error('down')))
})
