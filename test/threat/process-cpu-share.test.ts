/** Processes of a server that spin for as long as they are let, and leave others less. */
import t from 'tap'
import { Account, users } from '../e2e/sandbox-run.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { spinFor } from '../support/spin.ts'

await enforceable(t, 'all processes together get no more than max_cpu_percent, and go on', async (t) => {
  for (const user of users()) {
    t.test(`as ${user.name}`, async (t) => {
      const flags = ['--max-cpu-percent', '10', '--best-effort', 'cpu']
      const { code, stdout } = await new Account(t, user).run([
        ...flags,
        '--',
        '/usr/bin/python3',
        '-I',
        '-c',
        spinFor(6),
      ])
      t.equal(code, 0)
      // A tenth, a quarter of a second for the start, and what passes until a busy machine looks again.
      t.ok(Number(stdout) > 0 && Number(stdout) < 0.25, `the share was ${stdout}`)
    })
  }
})
