import t from 'tap'
import { Allowance, Allowances } from '../../../lib/egress/allowance.ts'

const hourMs = 3_600_000
const MiB = 1024 * 1024

t.test('each direction has its own, and the last byte of it may still pass', async (t) => {
  const allowance = new Allowance({ uploadMb: 2, downloadMb: 3 })
  allowance.spend(2 * MiB, 3 * MiB)
  t.equal(allowance.exhausted, null)
  allowance.spend(0, 1)
  t.equal(allowance.exhausted, 'download')
  allowance.spend(1, 0)
  t.equal(allowance.exhausted, 'upload')
})

t.test('what passed is forgotten after 24 hours, hour by hour', async (t) => {
  let nowMs = 100 * hourMs
  const allowance = new Allowance({ uploadMb: 2, downloadMb: 2 }, () => nowMs)
  allowance.spend(MiB + 1, 0)
  nowMs += hourMs
  allowance.spend(MiB, 0)
  t.equal(allowance.exhausted, 'upload')
  nowMs += 23 * hourMs
  t.equal(allowance.exhausted, 'upload', 'the first hour is a day ago only at its end')
  nowMs += hourMs
  t.equal(allowance.exhausted, null)
  allowance.spend(MiB, 0)
  t.equal(allowance.exhausted, null, 'the second hour still counts')
  allowance.spend(1, 0)
  t.equal(allowance.exhausted, 'upload')
})

t.test('a clock that is set back gives nothing back', async (t) => {
  let nowMs = 100 * hourMs
  const allowance = new Allowance({ uploadMb: 1, downloadMb: 1 }, () => nowMs)
  allowance.spend(MiB + 1, 0)
  nowMs -= 50 * hourMs
  allowance.spend(1, 0)
  t.equal(allowance.exhausted, 'upload')
})

t.test('the copies of a server share theirs, and other servers have their own', async (t) => {
  const allowances = new Allowances()
  const most = { uploadMb: 1, downloadMb: 1 }
  allowances.of('a', most).spend(2 * MiB, 0)
  t.equal(allowances.of('a', { ...most }).exhausted, 'upload')
  t.equal(allowances.of('b', most).exhausted, null)
  t.equal(allowances.of('a', { ...most, uploadMb: 9 }).exhausted, null, 'another limit counts anew')
})
