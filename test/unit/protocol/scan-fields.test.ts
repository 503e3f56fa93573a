import t from 'tap'
import { type Field, fields, type Message } from '../../../lib/protocol/model.ts'
import { frameLine, scanners, verdict } from './scanners.ts'

const version = 'io.modelcontextprotocol/protocolVersion'
const subscription = 'io.modelcontextprotocol/subscriptionId'
const request = {
  jsonrpc: '2.0',
  method: 'tools/call',
  params: {
    arguments: { name: 'not this', id: 0, _meta: { progressToken: 0 } },
    _meta: { other: { progressToken: 0 }, [version]: '2026-07-28', [subscription]: 's', progressToken: 'p' },
    name: 'a"\u00e9',
    uri: 'file:///x',
    requestId: 4,
    progressToken: 5,
    protocolVersion: 'v',
  },
  id: 'x',
}

for (const [name, scan] of scanners) {
  t.test(`${name}: each decisive field is located, wherever its key stands`, async (t) => {
    const message = messageOf(frameLine(scan, JSON.stringify(request)))
    for (const field of fields) {
      const expected = field === 'result' || field === 'error' ? undefined : valueAt(field)
      t.equal(message.raw(field) ?? undefined, expected === undefined ? undefined : JSON.stringify(expected), field)
      t.equal(message.text(field), typeof expected === 'string' ? expected : null, field)
    }
  })

  t.test(`${name}: a key in escaped spelling is the same key`, async (t) => {
    const line =
      '{"\\u0069d":1,"m\\u0065thod":"a","params":{"_met\\u0061":{"io.modelcontextprotocol\\/protocolVersion":"v"}}}'
    const message = messageOf(frameLine(scan, line))
    t.equal(message.raw('id'), '1')
    t.equal(message.text('method'), 'a')
    t.equal(message.text(`params._meta.${version}`), 'v')
  })

  t.test(`${name}: a field that looks alike is not the field`, async (t) => {
    const message = messageOf(
      frameLine(
        scan,
        '{"method":"a","i":1,"idx":1,"id\\u0000":1,"\\n":1,"params":[{"name":"x"}],"_meta":{"progressToken":1}}',
      ),
    )
    for (const field of ['id', 'params.name', 'params._meta.progressToken'] as const) t.equal(message.span(field), null)
  })

  t.test(`${name}: a decisive field twice in its object is refused, in any spelling`, async (t) => {
    for (const line of [
      '{"id":1,"id":1,"method":"a"}',
      '{"id":1,"i\\u0064":2,"method":"a"}',
      '{"id":1,"\\u0069\\u0064":2,"method":"a"}',
      '{"method":"a","method":"b"}',
      '{"method":"a","params":{},"params":{}}',
      '{"id":1,"result":1,"result":1}',
      '{"id":1,"error":{},"error":{}}',
      '{"method":"a","params":{"name":"x","n\\u0061me":"y"}}',
      '{"method":"a","params":{"uri":"x","uri":"y"}}',
      '{"method":"a","params":{"_meta":{},"_meta":{}}}',
      '{"method":"a","params":{"_meta":{"progressToken":1,"progressToken":1}}}',
      `{"method":"a","params":{"_meta":{"${version}":"1","io.modelcontextprotocol\\/protocolVersion":"2"}}}`,
    ]) {
      t.equal(verdict(scan, line), 'duplicate', line)
    }
  })

  t.test(`${name}: the same key in another object, or a key that decides nothing, may repeat`, async (t) => {
    for (const line of [
      '{"method":"a","params":{"id":1,"method":"b","name":"x","arguments":{"name":"y","name":"z"}}}',
      '{"method":"a","x":1,"x":2,"params":{"y":1,"y":2,"_meta":{"name":1,"id":2,"z":1,"z":2}}}',
      '{"id":1,"result":{"id":1,"id":2,"params":{"name":1,"name":2}}}',
      '[{"id":1,"id":2}]',
    ]) {
      t.not(verdict(scan, line), 'duplicate', line)
    }
  })

  t.test(
    `${name}: another letter case is refused at the top level, and beside the field itself further in`,
    async (t) => {
      for (const line of [
        '{"ID":1,"method":"a"}',
        '{"id":1,"Method":"a","method":"b"}',
        '{"method":"a","param\\u017f":{}}',
        '{"method":"a","param\u017f":{}}',
        '{"method":"a","params":{"name":"x","Name":"y"}}',
        '{"method":"a","params":{"NAME":"x","name":"y"}}',
        '{"method":"a","params":{"_meta":{"progressToken":1,"progressTo\u212aen":1}}}',
      ]) {
        t.equal(verdict(scan, line), 'duplicate', line)
      }
      const message = messageOf(frameLine(scan, '{"method":"a","params":{"Name":"x","_META":{"progressToken":1}}}'))
      t.equal(message.span('params.name'), null, 'alone it is some other key')
      t.equal(message.span('params._meta.progressToken'), null)
    },
  )

  t.test(`${name}: a duplicate is no longer said to be located`, async (t) => {
    t.match(frameLine(scan, '{"method":"a","id":1,"id":2}'), { reason: 'duplicate', id: null, method: '"a"' })
    t.match(frameLine(scan, '{"id":1,"method":"a","method":"b"}'), { reason: 'duplicate', id: '1', method: null })
  })
}

function messageOf(framed: ReturnType<typeof frameLine>): Message {
  if ('reason' in framed) throw new Error(`refused: ${framed.reason}`)
  return framed
}

function valueAt(field: Field): unknown {
  const meta = 'params._meta.'
  if (field.startsWith(meta)) return (request.params._meta as Record<string, unknown>)[field.slice(meta.length)]
  if (field.startsWith('params.')) return (request.params as Record<string, unknown>)[field.slice('params.'.length)]
  return (request as Record<string, unknown>)[field]
}
