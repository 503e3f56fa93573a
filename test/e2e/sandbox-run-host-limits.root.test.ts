/** Hosts with odd limits: what the caller brings along decides what a start meets. As root, who alone can lay that out. */
import t from 'tap'
import { Account, commandLine, outcomeOf, users } from './sandbox-run.ts'

/** As NGROUPS_MAX allows: /proc/self/status has a line of 450 KB and more. */
const manyGroups = `
import os, sys
os.setgroups(range(100000, 100000 + 65536))
os.setresgid(1000, 1000, 1000)
os.setresuid(1000, 1000, 1000)
os.execvp(sys.argv[1], sys.argv[1:])`

t.test('an ordinary user in as many groups as there can be starts a sandbox', async (t) => {
  const account = new Account(t, { name: 'uid 1000', uid: 1000 })
  const root = new Account(t, { name: 'root', uid: 0 })
  const run = ['python3', '-c', manyGroups, ...commandLine, '--', 'echo', 'ran']
  const child = root.startOther(run, ['ignore', 'pipe', 'pipe'], { HOME: account.home })
  t.match(await outcomeOf(child), { code: 0, stdout: 'ran\n', stderr: '' })
})

for (const user of users()) {
  t.test(`limits below the policy's are told to ${user.name}`, async (t) => {
    const account = new Account(t, user)
    const run = ['prlimit', '--nofile=512', '--nproc=4000', ...commandLine]
    const start = (...args: string[]) => outcomeOf(account.startOther([...run, ...args], ['ignore', 'pipe', 'pipe']))
    t.match(await start('--max-pids', '64', '--', 'sh', '-c', 'ulimit -n'), {
      code: 0,
      stdout: '512\n',
      stderr: 'mcpo: the server may open fewer files: ulimit of this host: 512 instead of 8192\n',
    })
    const tight = account.startOther(
      ['prlimit', '--nofile=60', ...commandLine, '--', 'true'],
      ['ignore', 'pipe', 'pipe'],
    )
    t.match(await outcomeOf(tight), { code: 125, stderr: /too few open files.*\n.*ulimit -n/ })
    t.match(await start('--max-pids', '5000', '--', 'true'), {
      code: 0,
      stderr: /fewer processes: .* 4000 instead of 500\d\n/,
    })
  })
}
