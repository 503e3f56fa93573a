/** Looking at the processes of the host: their arguments and environments hold secrets. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const look = `
tell('pids', sorted(int(name) for name in os.listdir('/proc') if name.isdigit()))
listed = subprocess.run(['ps', '-eo', 'pid=,comm='], capture_output=True, text=True)
tell('ps', [line.split()[1] for line in listed.stdout.splitlines()])
tell('mark', any(mark in read(f'/proc/{pid}/cmdline') for pid in os.listdir('/proc') if pid.isdigit() and int(pid) != os.getpid()))
act('host pid', lambda: os.stat(f'/proc/{host}'))
act('own pid', lambda: os.stat(f'/proc/{os.getpid()}'))
`

await enforceable(t, 'ps shows its own processes and pid 1, nothing else', async (t) => {
  const mark = randomUUID()
  const bait = spawn('sleep', ['1000'], { argv0: mark })
  t.teardown(() => bait.kill('SIGKILL'))
  const found = await attack(look, { given: { mark, host: bait.pid } })
  t.same(found['ps'], ['mcpo-launch', 'python3', 'ps'])
  t.equal((found['pids'] as number[]).length, 2)
  t.match(found, { mark: false, 'host pid': 'ENOENT', 'own pid': 'allowed' })
})
