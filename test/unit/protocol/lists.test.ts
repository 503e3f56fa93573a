import t from 'tap'
import { listElements, MAX_LIST_ELEMENTS } from '../../../lib/protocol/lists.ts'
import { parseMessage, splice } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import { cut } from './scanners.ts'

const parse = (text: string, size = text.length) => parseMessage(cut(Buffer.from(text), [size]), scanChunkJs)
const result = (text: string) => `{"jsonrpc":"2.0","id":1,"result":${text}}`
const refusal = { code: 'TRANSPORT_ERROR' }

t.test('elements are located with the string that names them, decoded', async (t) => {
  const tools = [
    '{"name":"a"}',
    '{ "x" : {"name":1,"y":["]}\\"",{}]} , "name" : "\\u0062\\"\\\\" }',
    '{"n\\u0061me":"\u00e9"}',
  ]
  const text = result(`{"_meta":{},"nextCursor":"c\\n","tools" : [ ${tools.join(' ,\n')} ] }`)
  for (const size of [1, 5, text.length]) {
    const message = parse(text, size)
    const { elements, nextCursor } = listElements(message, 'tools')
    t.equal(nextCursor, 'c\n')
    t.strictSame(
      elements.map(({ text }) => text),
      ['a', 'b"\\', '\u00e9'],
    )
    const bytes = Buffer.concat(message.pieces)
    t.strictSame(
      elements.map(({ span }) => bytes.toString('utf8', span.start, span.end)),
      tools,
    )
    const renamed = splice(
      message,
      elements.map(({ key }, at) => ({ span: key, bytes: `"t${at}"` })),
    )
    const { tools: parsed } = JSON.parse(Buffer.concat(renamed).toString()).result
    t.strictSame(
      parsed.map((tool: { name: string }) => tool.name),
      ['t0', 't1', 't2'],
    )
  }
})

t.test('each kind of list has its own identifying key', async (t) => {
  const element = '{"name":"n","uri":"u:","uriTemplate":"t:{x}"}'
  const expected = { tools: 'n', prompts: 'n', resources: 'u:', resourceTemplates: 't:{x}' } as const
  for (const [list, text] of Object.entries(expected)) {
    const { elements } = listElements(parse(result(`{"${list}":[${element}]}`)), list as keyof typeof expected)
    t.strictSame(
      elements.map((it) => it.text),
      [text],
    )
  }
})

t.test('an empty list and no list are empty', async (t) => {
  for (const text of ['{"tools":[]}', '{"tools": [ ] }', '{}', '{ }', '{"tools":[],"nextCursor":null}']) {
    t.strictSame(listElements(parse(result(text)), 'tools'), { elements: [], nextCursor: null }, text)
  }
})

t.test('what is no list of named things is refused', async (t) => {
  for (const text of [
    '[]',
    '1',
    '"tools"',
    '{"tools":{}}',
    '{"tools":null}',
    '{"tools":[1]}',
    '{"tools":[[]]}',
    '{"tools":[{}]}',
  ]) {
    t.throws(() => listElements(parse(result(text)), 'tools'), refusal, text)
  }
  for (const name of ['1', 'null', '{}'])
    t.throws(() => listElements(parse(result(`{"tools":[{"name":${name}}]}`)), 'tools'), refusal)
  t.throws(() => listElements(parse('{"id":1,"error":{}}'), 'tools'), refusal)
  t.throws(() => listElements(parse('{"id":1,"method":"a"}'), 'tools'), refusal)
})

t.test('a decisive key twice is refused, in any spelling; another key may repeat', async (t) => {
  for (const text of [
    '{"tools":[],"tools":[]}',
    '{"tools":[],"t\\u006fols":[]}',
    '{"nextCursor":"a","nextCursor":"a"}',
    '{"tools":[{"name":"a","name":"a"}]}',
    '{"tools":[{"name":"a","\\u006eame":"b"}]}',
  ]) {
    t.throws(() => listElements(parse(result(text)), 'tools'), refusal, text)
  }
  const repeats = '{"x":1,"x":2,"tools":[{"name":"a","y":{"name":1,"name":2},"uri":1,"uri":2}]}'
  t.equal(listElements(parse(result(repeats)), 'tools').elements.length, 1)
})

t.test('a list may be long, but not longer than the cap', async (t) => {
  const list = (length: number) => result(`{"tools":[${Array(length).fill('{"name":"a"}').join()}]}`)
  t.equal(listElements(parse(list(MAX_LIST_ELEMENTS)), 'tools').elements.length, MAX_LIST_ELEMENTS)
  t.throws(() => listElements(parse(list(MAX_LIST_ELEMENTS + 1)), 'tools'), refusal)
})
