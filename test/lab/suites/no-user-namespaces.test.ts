/** Under `user.max_user_namespaces = 0`: nothing starts with less than what was promised, and the reason is told. */

import { readFileSync } from 'node:fs'
import t from 'tap'
import { Account } from '../../e2e/sandbox-run.ts'
import { doctor } from './doctor-report.ts'

const uid = process.getuid?.() ?? 0
const reason = /no more user namespaces may be made \(user\.max_user_namespaces\)/
const remedy = 'raise user.max_user_namespaces and user.max_mnt_namespaces (sysctl)'

t.equal(readFileSync('/proc/sys/user/max_user_namespaces', 'utf8'), '0\n', 'the guest allows none')

t.test('mcpo sandbox run refuses with the reason, and runs nothing', async (t) => {
  const account = new Account(t, { name: `uid ${uid}`, uid })
  const { code, stdout, stderr } = await account.run(['--', 'echo', 'ran'])
  t.same([code, stdout], [125, ''])
  t.match(stderr, reason)
  t.match(stderr, remedy)
})

t.test('mcpo doctor names it and exits with 3', async (t) => {
  const { code, line } = await doctor()
  t.equal(code, 3)
  t.match(line('empty sandbox'), { ok: false, found: reason, change: remedy })
})
