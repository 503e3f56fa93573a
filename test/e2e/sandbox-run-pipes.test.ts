/** The caller's own pipes, which the command shares with us: as a shell makes them, not as Node.js leaves them. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { Account, outcomeOf, packageRoot, users } from './sandbox-run.ts'

const script = `
import os
writeAll = os.write(1, b'x' * (1 << 20)) == 1 << 20
print(writeAll, *map(os.get_blocking, range(3)))`

for (const user of users()) {
  t.test(`as ${user.name}: a pipe blocks, so that nothing is lost where its reader is slow`, async (t) => {
    const account = new Account(t, user)
    const command = [
      process.execPath,
      join(packageRoot, 'bin/mcpo.js'),
      'sandbox',
      'run',
      '--',
      'python3',
      '-c',
      script,
    ]
    const child = spawn('sh', ['-c', ': | "$@" 2>&1 | cat', 'sh', ...command], {
      env: { PATH: process.env['PATH'] ?? '', HOME: account.home },
      ...(process.getuid?.() === 0 ? { uid: user.uid, gid: user.uid } : {}),
    })
    const { stdout, code } = await outcomeOf(child)
    t.equal(code, 0)
    t.match(stdout.slice(-200), /x\nTrue True True True\n$|xTrue True True True\n$/)
    t.ok(stdout.length > 1 << 20)
  })
}
