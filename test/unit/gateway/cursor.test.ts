import t from 'tap'
import { Cursors, fitting } from '../../../lib/gateway/cursor.ts'

const cursors = new Cursors()
const mine = { principal: 'me', method: 'tools/list' }
const pages = [
  { server: 'one', cursor: 'opaque "text"' },
  { server: 'two', cursor: null },
]

t.test('a cursor leads back to the pages it stands for, and shows nothing of them', async (t) => {
  const cursor = cursors.encode(pages, mine)
  t.same(cursors.decode(cursor, mine), pages)
  t.match(cursor, /^[\w-]+$/)
  t.notMatch(Buffer.from(cursor, 'base64url').toString(), /one|opaque/)
})

t.test("one server's endless cursor does not cost the others theirs", async (t) => {
  const long = { server: 'flood', cursor: 'x'.repeat(41_000) }
  t.same(fitting([long, ...pages]), pages)
  t.same(fitting([long]), [])
  const many = Array.from({ length: 256 }, (_, index) => ({ server: `server-${index}`, cursor: `c${index}` }))
  t.same(fitting(many), many)
  const full = [
    { server: 'one', cursor: 'x'.repeat(20_000) },
    { server: 'two', cursor: '\u0000'.repeat(3000) },
  ]
  t.same(fitting(full), full)
  t.ok(cursors.encode(fitting(full), mine).length < 60_000, 'a client can send it back')
})

t.test('the cursor of another principal, of another list or of another run is refused', async (t) => {
  const cursor = cursors.encode(pages, mine)
  const refuses = (attempt: () => unknown) => t.throws(attempt, { code: 'INVALID_PARAMS' })
  refuses(() => cursors.decode(cursor, { ...mine, principal: 'you' }))
  refuses(() => cursors.decode(cursor, { ...mine, method: 'prompts/list' }))
  refuses(() => new Cursors().decode(cursor, mine))
})

t.test('a cursor that nobody gave out, or that was changed, is refused as a bad parameter', async (t) => {
  const cursor = cursors.encode(pages, mine)
  const changed = Buffer.from(cursor, 'base64url')
  changed[20] = (changed[20] ?? 0) ^ 1
  const made = Buffer.from(JSON.stringify([['one', null]])).toString('base64url')
  for (const text of ['', 'x', made, cursor.slice(0, -4), changed.toString('base64url'), 'A'.repeat(300_000)]) {
    t.throws(() => cursors.decode(text, mine), { code: 'INVALID_PARAMS' }, text.slice(0, 30))
  }
})
