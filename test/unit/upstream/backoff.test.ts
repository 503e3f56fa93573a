import t from 'tap'
import { Backoff } from '../../../lib/upstream/backoff.ts'

t.test('each failure doubles the rest, up to half a minute; a success ends it', async (t) => {
  const backoff = new Backoff(() => 0)
  const rests = Array.from({ length: 10 }, () => {
    backoff.failed()
    return backoff.waitMs
  })
  t.same(rests, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  t.equal(backoff.failuresInARow, 10)
  backoff.succeeded()
  t.equal(backoff.waitMs, 0)
})

t.test('the rest ends with time', async (t) => {
  const clock = { now: 0 }
  const backoff = new Backoff(() => clock.now)
  t.equal(backoff.waitMs, 0)
  backoff.failed()
  clock.now = 250
  t.equal(backoff.waitMs, 0)
})
