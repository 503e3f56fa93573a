/** Processes of a server that spin for as long as they are let, and leave others less. */
import t from 'tap'
import { Account, users } from '../e2e/sandbox-run.ts'
import { enforceable } from '../platform/linux/enforceable.ts'

const seconds = 6
const spin = `
import os, resource, time
def spent():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usages)
before, started = spent(), time.monotonic()
child = os.fork()
while time.monotonic() - started < ${seconds}: pass
if child == 0: os._exit(0)
os.wait()
print((spent() - before) / (time.monotonic() - started))`

await enforceable(t, 'all processes together get no more than max_cpu_percent, and go on', async (t) => {
  for (const user of users()) {
    t.test(`as ${user.name}`, async (t) => {
      const flags = ['--max-cpu-percent', '10', '--best-effort', 'cpu']
      const { code, stdout } = await new Account(t, user).run([...flags, '--', '/usr/bin/python3', '-I', '-c', spin])
      t.equal(code, 0)
      // A tenth, a quarter of a second for the start, and what passes until a busy machine looks again.
      t.ok(Number(stdout) > 0 && Number(stdout) < 0.25, `the share was ${stdout}`)
    })
  }
})
