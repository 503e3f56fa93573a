import { Buffer } from 'node:buffer'
import t from 'tap'
import { readQuestion, recordTypes, responseCodes, writeAnswer } from '../../../lib/egress/dns-message.ts'

function query(name: string, type = 1, flags = 0x0100): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')])
  const end = name === '' ? [0] : [...labels, 0]
  return Buffer.from([0xab, 0xcd, flags >> 8, flags & 0xff, 0, 1, 0, 0, 0, 0, 0, 0, ...end, 0, type, 0, 1])
}

t.test('a question is read, and what follows it passed over', async (t) => {
  const options = Buffer.from([0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0])
  const question = readQuestion(Buffer.concat([query('api.example.org', recordTypes.aaaa), options]))
  t.match(question, { id: 0xabcd, recursionDesired: true, name: 'api.example.org', type: 28, class: 1 })
})

t.test('an answer repeats the question, and gives one address', async (t) => {
  const asked = query('a.example')
  const question = readQuestion(asked)
  if (question === null) throw new Error('no question')
  const answer = writeAnswer(question, { code: responseCodes.noError, address: [127, 64, 0, 1], ttlSeconds: 60 })
  const expected = ['abcd', '8180', '0001', '0001', '0000', '0000'].join('')
  t.equal(answer.subarray(0, 12).toString('hex'), expected)
  t.strictSame(answer.subarray(12, asked.length), asked.subarray(12))
  t.equal(answer.subarray(asked.length).toString('hex'), 'c00c000100010000003c00047f400001')
})

t.test('no such name is an answer without a record', async (t) => {
  const question = readQuestion(query('a.example', 16, 0))
  if (question === null) throw new Error('no question')
  const answer = writeAnswer(question, { code: responseCodes.noSuchName, address: null, ttlSeconds: 0 })
  t.equal(answer.subarray(0, 12).toString('hex'), 'abcd80830001000000000000')
})

t.test('what is no query with one plain question gets nothing', async (t) => {
  const two = query('a.example')
  two.writeUInt16BE(2, 4)
  const pointer = Buffer.concat([query('').subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])])
  const dotted = Buffer.concat([query('').subarray(0, 12), Buffer.from([3, 97, 46, 98, 0, 0, 1, 0, 1])])
  const long = query(Array(60).fill('abcd').join('.'))
  for (const message of [two, pointer, dotted, long, query('a', 1, 0x8000), query('a', 1, 0x2800), Buffer.alloc(12)]) {
    t.equal(readQuestion(message), null)
  }
  const whole = query('api.example.org')
  for (let length = 0; length < whole.length; length++) t.equal(readQuestion(whole.subarray(0, length)), null)
})
