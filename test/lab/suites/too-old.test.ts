/** On a kernel without mount_setattr(2), Linux before 5.12: nothing starts, and the reason is told. */
import t from 'tap'
import { Account } from '../../e2e/sandbox-run.ts'
import { doctor } from './doctor-report.ts'

const uid = process.getuid?.() ?? 0

t.test('mcpo sandbox run refuses with the reason, and runs nothing', async (t) => {
  const account = new Account(t, { name: `uid ${uid}`, uid })
  const { code, stdout, stderr } = await account.run(['--', 'echo', 'ran'])
  t.same([code, stdout], [125, ''])
  t.match(stderr, 'the kernel lacks a system call that every sandbox needs')
  t.match(stderr, 'use Linux 5.12 or later')
})

t.test('mcpo doctor says so and exits with 3', async (t) => {
  const { code, line } = await doctor()
  t.equal(code, 3)
  t.match(line('empty sandbox'), { ok: false, found: /ENOSYS/, change: 'use Linux 5.12 or later' })
})
