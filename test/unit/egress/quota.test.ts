import t from 'tap'
import { Quota } from '../../../lib/egress/quota.ts'

t.test('so many connections at once, and no more', async (t) => {
  const quota = new Quota({ connections: 2, dials: 1 })
  const leave = quota.enter()
  t.ok(quota.enter())
  t.equal(quota.enter(), null)
  leave?.()
  t.ok(quota.enter())
})

t.test('dials take turns, also when one fails', async (t) => {
  const quota = new Quota({ connections: 9, dials: 2 })
  let atOnce = 0
  let most = 0
  const dial = async (index: number): Promise<void> => {
    most = Math.max(most, ++atOnce)
    await new Promise(setImmediate)
    atOnce--
    if (index % 3 === 0) throw new Error('no answer')
  }
  const ended = await Promise.allSettled([...Array(20).keys()].map((index) => quota.inTurn(() => dial(index))))
  t.equal(most, 2)
  t.equal(ended.filter(({ status }) => status === 'rejected').length, 7)
})
