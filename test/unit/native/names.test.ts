import { constants } from 'node:os'
import t from 'tap'
import { errnoName, signalName } from '../../../lib/native/names.ts'

await t.test('a number of the kernel has the name that people know', async (t) => {
  t.equal(errnoName(2), 'ENOENT')
  t.equal(errnoName(10), 'ECHILD')
  t.equal(errnoName(11), 'EAGAIN', 'not EWOULDBLOCK, which is the same number')
  t.equal(errnoName(95), 'ENOTSUP', 'not EOPNOTSUPP')
  t.equal(errnoName(9999), 'E9999')
  t.equal(signalName(9), 'SIGKILL')
  t.equal(signalName(250), 'SIG250')
})

await t.test('every name is of its own number', async (t) => {
  for (const value of Object.values(constants.errno)) t.equal(constants.errno[errnoName(value) as 'EPERM'], value)
})
