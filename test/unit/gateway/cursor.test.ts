import t from 'tap'
import { decodeCursor, encodeCursor } from '../../../lib/gateway/cursor.ts'

const pages = [
  { server: 'one', cursor: 'opaque "text"' },
  { server: 'two', cursor: null },
]

t.test('a cursor leads back to the pages it stands for', async (t) => {
  t.same(decodeCursor(encodeCursor(pages)), pages)
})

t.test('a cursor that nobody gave out is refused as a bad parameter', async (t) => {
  const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  for (const text of [
    '',
    'x',
    made({}),
    made([1]),
    made([['one']]),
    made([[1, 'a']]),
    made([['one', 1]]),
    'A'.repeat(20_000),
  ]) {
    t.throws(() => decodeCursor(text), { code: 'INVALID_PARAMS' }, text.slice(0, 30))
  }
})
