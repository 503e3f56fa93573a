import t, { type Test } from 'tap'
import { Sessions } from '../../../lib/gateway/sessions.ts'

const me = { id: 'me' }

function sessions(t: Test, overrides: { maxSessions?: number; idleMs?: number } = {}) {
  const clock = { now: 0 }
  const all = new Sessions({ maxSessions: 2, idleMs: 1000, ...overrides }, () => clock.now)
  t.teardown(() => all.stop())
  return { all, clock }
}

t.test('a session is found by its principal at its endpoint', async (t) => {
  const { all } = sessions(t)
  const session = all.create(me, 'files', '{}')
  t.equal(all.get(session.id, me, 'files'), session)
  t.match(session.id, /^[A-Za-z0-9_-]{32}$/)
})

t.test('another principal, another endpoint and an unknown id are told the same', async (t) => {
  const { all } = sessions(t)
  const { id } = all.create(me, 'files', '{}')
  const errors = [
    () => all.get(id, { id: 'you' }, 'files'),
    () => all.get(id, me, null),
    () => all.get('unknown', me, 'files'),
  ].map((attempt) => {
    try {
      return attempt()
    } catch (error) {
      return error
    }
  })
  for (const error of errors)
    t.match(error, { code: 'NOT_FOUND', httpStatus: 404, message: 'There is no such session' })
})

t.test('there are no more than there may be, and one that ends makes room', async (t) => {
  const { all } = sessions(t)
  const first = all.create(me, null, '{}')
  all.create(me, null, '{}')
  t.throws(() => all.create(me, null, '{}'), { code: 'TOO_MANY' })
  await all.close(first)
  t.ok(all.create(me, null, '{}'))
})

t.test('a session expires when nothing was heard of it, and not before', async (t) => {
  const { all, clock } = sessions(t)
  const [quiet, heard] = [all.create(me, null, '{}'), all.create(me, null, '{}')]
  for (const session of [quiet, heard]) all.opened(session)
  clock.now = 900
  all.get(heard.id, me, null)
  all.expire()
  t.equal(all.size, 2)
  clock.now = 1000
  all.expire()
  t.throws(() => all.get(quiet.id, me, null), { code: 'NOT_FOUND' })
  t.equal(all.get(heard.id, me, null), heard)
})

t.test('a session whose initialize takes its time does not expire meanwhile', async (t) => {
  const { all, clock } = sessions(t)
  const session = all.create(me, null, '{}')
  clock.now = 5000
  all.expire()
  t.equal(all.size, 1)
  all.opened(session)
  clock.now = 6000
  all.expire()
  t.equal(all.size, 0)
})

t.test('a session with an open stream does not expire', async (t) => {
  const { all, clock } = sessions(t)
  const session = all.create(me, null, '{}')
  all.opened(session)
  const closes: (() => void)[] = []
  const onClose = (listener: () => void) => void closes.push(listener)
  session.downlink.attach({ open: true, send() {}, end() {}, onClose, onCongestion() {} })
  clock.now = 5000
  all.expire()
  t.equal(all.size, 1)
  for (const close of closes) close()
  all.expire()
  t.equal(all.size, 0)
})

t.test('the params of initialize are kept, and may not be large', async (t) => {
  const { all } = sessions(t)
  t.throws(() => all.create(me, null, 'x'.repeat(64 * 1024 + 1)), { code: 'TOO_LARGE' })
  t.equal(all.size, 0)
})
