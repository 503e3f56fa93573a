/** Signals to the gateway, to other processes of the same user, to everybody. */
import { spawn } from 'node:child_process'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'
import { isRunning } from '../support/processes.ts'

const ways = `
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for name, pid in victims.items():
    act(f'{name}', lambda: os.kill(pid, signal.SIGKILL))
    act(f'{name}, group', lambda: os.killpg(pid, signal.SIGKILL))
    act(f'{name}, pidfd', lambda: os.close(os.pidfd_open(pid)))
    act(f'{name}, priority', lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
    act(f'{name}, affinity', lambda: os.sched_setaffinity(pid, {0}))
child = subprocess.Popen(['sleep', '100'])
act('own child', lambda: child.kill())
child.wait()
try:
    os.kill(-1, signal.SIGTERM)
except OSError:
    pass
try:
    os.kill(1, signal.SIGKILL)
except OSError:
    pass
tell('pid 1 lives', os.path.exists('/proc/1'))
`

await enforceable(t, 'no signal leaves the sandbox', async (t) => {
  const bait = spawn('sleep', ['1000'])
  t.teardown(() => bait.kill('SIGKILL'))
  const victims = { gateway: process.pid, bait: bait.pid ?? 0 }
  const { 'own child': child, 'pid 1 lives': init, ...found } = await attack(ways, { given: { victims } })
  t.equal(child, 'allowed')
  t.equal(init, true)
  t.equal(Object.keys(found).length, 10)
  for (const [act, outcome] of Object.entries(found)) t.match(outcome, /^ESRCH$/, act)
  t.ok(isRunning(victims.bait))
})
