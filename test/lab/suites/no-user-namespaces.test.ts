/** Under `user.max_user_namespaces = 0`: root starts servers without, an ordinary user is refused, and the reason is told. */

import { readFileSync } from 'node:fs'
import t from 'tap'
import { Account } from '../../e2e/sandbox-run.ts'
import { probePath, runSandboxed } from '../../platform/linux/sandboxed.ts'
import { doctor } from './doctor-report.ts'

const uid = process.getuid?.() ?? 0
const reason = /user\.max_user_namespaces = 0 forbids user namespaces/
const remedy = /set user\.max_user_namespaces to 15000/
const account = new Account(t, { name: `uid ${uid}`, uid })

t.equal(readFileSync('/proc/sys/user/max_user_namespaces', 'utf8'), '0\n', 'the guest allows none')

if (uid === 0) {
  t.test('mcpo sandbox run starts a command under a uid of its own, without any right', async (t) => {
    const { code, stdout, stderr } = await account.sh([], 'id -u; grep ^CapEff: /proc/self/status; echo /proc/[0-9]*')
    t.equal(code, 0, stderr)
    t.match(stdout, /^6\d{4}\nCapEff:\t0000000000000000\n\/proc\/1 \/proc\/\d+\n$/)
  })

  t.test('the forbidden acts are refused as with a user namespace', async (t) => {
    const { stdout } = await runSandboxed({ command: probePath, args: ['--all'] })
    t.notMatch(stdout, / allowed$/m)
    t.match(stdout, /denied EPERM/)
  })

  t.test('mcpo doctor lets servers start, and names what there is not', async (t) => {
    const { code, line } = await doctor()
    t.equal(code, 0)
    t.match(line('empty sandbox'), { ok: true })
    t.match(line('user namespaces'), { ok: false, needed: false, found: reason, change: remedy })
  })
} else {
  t.test('mcpo sandbox run refuses with the reason, and runs nothing', async (t) => {
    const { code, stdout, stderr } = await account.run(['--', 'echo', 'ran'])
    t.same([code, stdout], [125, ''])
    t.match(stderr, reason)
    t.match(stderr, remedy)
    t.match(stderr, /or start the gateway as root/)
  })

  t.test('mcpo doctor names it and exits with 3', async (t) => {
    const { code, line } = await doctor()
    t.equal(code, 3)
    t.match(line('empty sandbox'), { ok: false, found: reason, change: remedy })
  })
}
