import t from 'tap'
import { frameLine, scanners, verdict } from './scanners.ts'

const shapes = {
  request: [
    '{"id":1,"method":"a"}',
    '{"id":"","method":"a","params":{}}',
    '{"method":"","params":[],"id":-0}',
    '{"id":12345678901234567890,"method":"a","x":{}}',
  ],
  notification: ['{"method":"a"}', '{"method":"a","params":{"id":1}}'],
  response: [
    '{"id":1,"result":null}',
    '{"result":{"method":"a","error":1},"id":"x"}',
    '{"id":1,"error":{}}',
    '{"id":null,"error":{}}',
    '{"error":{"code":1}}',
  ],
  batch: ['[]', '[1]', '[{"id":1,"method":"a"},{"id":1}]', ' [ {} ] '],
  shape: [
    ...['1', '"a"', 'null', 'true', '{}', '{"id":1}', '{"jsonrpc":"2.0","id":1}'],
    ...['1.0', '1e2', '1.5', '-0.5', 'true', '{}', '[]'].map((id) => `{"id":${id},"method":"a"}`),
    ...['1.0', 'false', '{}'].map((id) => `{"id":${id},"result":1}`),
    ...['1', 'null', '{}', '["a"]'].map((method) => `{"id":1,"method":${method}}`),
    ...['1', 'null', '"a"', 'true'].map((params) => `{"id":1,"method":"a","params":${params}}`),
    '{"id":null,"method":"a"}',
    '{"id":null,"result":1}',
    '{"result":1}',
    '{"id":1,"result":1,"error":{}}',
    '{"id":1,"method":"a","result":1}',
    '{"id":1,"method":"a","error":{}}',
  ],
}

for (const [name, scan] of scanners) {
  for (const [kind, lines] of Object.entries(shapes)) {
    t.test(`${name}: what is of kind ${kind}`, async (t) => {
      for (const line of lines) t.equal(verdict(scan, line), kind, line)
    })
  }

  t.test(`${name}: an id that is no string and no integer is not handed on as the call to fail`, async (t) => {
    t.match(frameLine(scan, '{"id":1.0,"method":"a"}'), { id: null, method: '"a"' })
    t.match(frameLine(scan, '{"id":7,"method":1}'), { id: '7', method: '1' })
  })
}
