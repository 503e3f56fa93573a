import t from 'tap'
import { Quota } from '../../../lib/egress/quota.ts'
import { Turns } from '../../../lib/egress/turns.ts'

t.test('so many connections at once, and no more', async (t) => {
  const quota = new Quota({ connections: 2, dials: 1, lookups: 1, waitingLookups: 1 })
  const leave = quota.enter()
  t.ok(quota.enter())
  t.equal(quota.enter(), null)
  leave?.()
  t.ok(quota.enter())
})

t.test('dials take turns, also when one fails', async (t) => {
  const turns = new Turns(2)
  let atOnce = 0
  let most = 0
  const dial = async (index: number): Promise<void> => {
    most = Math.max(most, ++atOnce)
    await new Promise(setImmediate)
    atOnce--
    if (index % 3 === 0) throw new Error('no answer')
  }
  const ended = await Promise.allSettled([...Array(20).keys()].map((index) => turns.run(() => dial(index))))
  t.equal(most, 2)
  t.equal(ended.filter(({ status }) => status === 'rejected').length, 7)
})

t.test('so many may wait, and those beyond are told at once', async (t) => {
  const turns = new Turns(1, 2)
  let finish = (): void => {}
  const first = turns.run(() => new Promise<void>((resolve) => (finish = resolve)))
  const others = [1, 2].map((each) => turns.run(async () => each))
  await t.rejects(
    turns.run(async () => 3),
    { code: 'TOO_MANY' },
  )
  finish()
  await first
  t.strictSame(await Promise.all(others), [1, 2])
  t.equal(await turns.run(async () => 4), 4)
})
