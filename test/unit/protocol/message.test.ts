import t from 'tap'
import { parseMessage, splice, toLine, toSseEvent } from '../../../lib/protocol/message.ts'
import { bytesOf, cut, scanners } from './scanners.ts'

const concat = (pieces: readonly Buffer[]) => Buffer.concat(pieces).toString()

for (const [name, scan] of scanners) {
  const parse = (text: string, size = text.length) => parseMessage(cut(Buffer.from(text), [size]), scan)

  t.test(`${name}: a body is one message over any number of lines and pieces`, async (t) => {
    const text = ' \r\n{"id":\n3,\r"method":"a","params":{"uri":"f\\u006fo"}}\n \n'
    for (const size of [1, 2, 3, 10, text.length]) {
      const message = parse(text, size)
      t.match(message, { kind: 'request', problem: null, hasLineBreaks: true }, `pieces of ${size}`)
      t.equal(bytesOf(message), text.trim())
      t.equal(message.byteLength, text.trim().length)
      t.strictSame([message.raw('id'), message.text('params.uri')], ['3', 'foo'])
    }
  })

  t.test(`${name}: a body without exactly one message is invalid`, async (t) => {
    for (const text of [
      '',
      ' ',
      '\n',
      '{"id":1',
      '{"method":"a"}{"method":"a"}',
      '{"method":"a"}\n{"method":"a"}',
      '1 2',
      '"a',
    ]) {
      for (const size of [1, 100]) t.match(parse(text, size), { kind: 'invalid', problem: 'syntax' }, text)
    }
    t.match(parse('{"method":"a\n"}'), { kind: 'invalid', problem: 'syntax' }, 'a raw line break in a string')
    t.match(parse('3'), { kind: 'invalid', problem: 'shape' })
    t.match(parse('[3]'), { kind: 'batch', problem: null })
    t.match(parse('{"id":1,"id":1,"method":"a"}').raw('method'), null)
  })

  t.test(`${name}: an error response is told from a result`, async (t) => {
    t.equal(parse('{"id":1,"error":{}}').isError, true)
    t.equal(parse('{"id":1,"result":{"error":1}}').isError, false)
  })

  t.test(`${name}: edits replace, insert and delete, over the borders of pieces`, async (t) => {
    const text = '{"id":1,"method":"a","params":{"name":"x__y"}}'
    for (const size of [1, 4, 7, 100]) {
      const message = parse(text, size)
      const edits = [
        { span: message.span('id')!, bytes: '"g-1"' },
        { span: { start: 8, end: 8 }, bytes: Buffer.from('"new":"\u00e9",') },
        { span: message.span('params.name')!, bytes: '"y"' },
      ]
      t.equal(concat(splice(message, edits)), '{"id":"g-1","new":"\u00e9","method":"a","params":{"name":"y"}}')
      t.equal(concat(splice(message, [])), text)
      t.equal(concat(splice(message, [{ span: { start: 0, end: text.length }, bytes: '' }])), '')
    }
  })

  t.test(`${name}: edits out of order, outside the message or with a line break are refused`, async (t) => {
    const message = parse('{"id":1,"method":"a"}')
    const edit = (start: number, end: number, bytes = '0') => ({ span: { start, end }, bytes })
    for (const edits of [
      [edit(5, 4)],
      [edit(-1, 2)],
      [edit(20, 22)],
      [edit(4, 6), edit(5, 7)],
      [edit(6, 7), edit(2, 3)],
    ]) {
      t.throws(() => splice(message, edits), { code: 'INTERNAL_ERROR' })
    }
    for (const bytes of ['"a\n"', '"\r"'])
      t.throws(() => splice(message, [edit(6, 7, bytes)]), { code: 'INTERNAL_ERROR' })
    t.equal(concat(splice(message, [edit(6, 7), edit(7, 7, ' ')])), '{"id":0 ,"method":"a"}', 'edits may touch')
  })
}

const broken = ['{"id":1,\r', '\n"result":"\\n"}\r'].map((text) => Buffer.from(text))

t.test('a line ends only at its end', async (t) => {
  t.equal(concat(toLine(broken)), '{"id":1,  "result":"\\n"} \n')
  t.equal(concat(broken), '{"id":1,\r\n"result":"\\n"}\r', 'the pieces themselves stay as they were')
  const whole = [Buffer.from('{}')]
  t.equal(toLine(whole)[0], whole[0], 'without line breaks nothing is copied')
  t.equal(toLine(whole, false)[0], whole[0])
})

t.test('a server-sent event has one data line, whatever the message', async (t) => {
  t.equal(concat(toSseEvent(broken)), 'event: message\ndata: {"id":1,  "result":"\\n"} \n\n')
  t.equal(concat(toSseEvent([Buffer.from('{}')], 'a-1')), 'event: message\nid: a-1\ndata: {}\n\n')
})

t.test('an event id cannot bring a field of its own', async (t) => {
  for (const id of ['1\ndata: x', '1\r', '\0'])
    t.throws(() => toSseEvent([Buffer.from('{}')], id), { code: 'INTERNAL_ERROR' })
})
