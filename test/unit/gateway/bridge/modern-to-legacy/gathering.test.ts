import t from 'tap'
import { Gathering, maxGatherMs, quietMs } from '../../../../../lib/gateway/bridge/modern-to-legacy/gathering.ts'

/** A gathering whose time passes when the test says so. */
function gather() {
  let now = 0
  let due: { readonly atMs: number; readonly call: () => void } | null = null
  const completed: number[] = []
  const clock = {
    now: () => now,
    callAfter(ms: number, call: () => void) {
      due = { atMs: now + ms, call }
      return () => {
        due = null
      }
    },
  }
  const gathering = new Gathering(() => completed.push(now), clock)
  const pass = (ms: number) => {
    const until = now + ms
    if (due !== null && due.atMs <= until) {
      now = due.atMs
      due.call()
    }
    now = until
  }
  return { gathering, pass, completed }
}

t.test('what comes before it was quiet for long enough is complete together', async (t) => {
  const { gathering, pass, completed } = gather()
  for (let count = 0; count < 3; count += 1) {
    gathering.add()
    pass(quietMs - 1)
  }
  t.same(completed, [])
  pass(1)
  t.same(completed, [3 * quietMs - 2])
  gathering.add()
  pass(quietMs)
  t.equal(completed.length, 2, 'the next one begins anew')
})

t.test('what never stops coming is cut short', async (t) => {
  const { gathering, pass, completed } = gather()
  for (let now = 0; completed.length === 0; now += 5) {
    t.ok(now <= maxGatherMs)
    gathering.add()
    pass(5)
  }
  t.same(completed, [maxGatherMs])
})

t.test('nothing is complete once it was stopped', async (t) => {
  const { gathering, pass, completed } = gather()
  gathering.add()
  gathering.stop()
  pass(2 * maxGatherMs)
  t.same(completed, [])
})
