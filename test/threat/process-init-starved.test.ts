/** Pid 1 of the sandbox holds limits by looking: a server that takes its share of the processor away would be free of them. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const starve = `
idle, process, user, io_process, io_user = 5, 0, 2, 1, 3
lowest = struct.pack('IIQiIQQQ', 48, idle, 0, 19, 0, 0, 0, 0)
x64 = os.uname().machine == 'x86_64'
sched_setattr, ioprio_set = (314, 251) if x64 else (274, 30)
act('setscheduler', lambda: os.sched_setscheduler(1, idle, os.sched_param(0)))
act('setattr', lambda: call('syscall', sched_setattr, 1, lowest, 0))
act('setaffinity', lambda: os.sched_setaffinity(1, [min(os.sched_getaffinity(0))]))
act('setpriority', lambda: os.setpriority(process, 1, 19))
act('setpriority of all', lambda: os.setpriority(user, 0, 19))
act('ioprio', lambda: call('syscall', ioprio_set, io_process, 1, 3 << 13))
act('ioprio of all', lambda: call('syscall', ioprio_set, io_user, 1000, 3 << 13))
child = os.fork()
if child == 0:
    signal.pause()
for name, pid in (('own', 0), ('own by number', os.getpid()), ('child', child)):
    act(f'{name}: setscheduler', lambda: os.sched_setscheduler(pid, idle, os.sched_param(0)))
    act(f'{name}: setpriority', lambda: os.setpriority(process, pid, 19))
    act(f'{name}: ioprio', lambda: call('syscall', ioprio_set, io_process, pid, 3 << 13))
os.kill(child, signal.SIGKILL)
`

await enforceable(t, 'a server schedules itself and its children, and not pid 1', async (t) => {
  const found = Object.entries(await attack(starve))
  t.equal(found.length, 16)
  for (const [act, outcome] of found) t.equal(outcome, act.includes(':') ? 'allowed' : 'EPERM', act)
})
