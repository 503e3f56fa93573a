/** Ending a control group, by cgroup.kill and, before Linux 5.14, without it. No sandbox is needed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { endGroup } from '../../../lib/sandbox/cgroup/end.ts'
import { kernelFiles } from '../../../lib/sandbox/cgroup/files.ts'
import { kernelAtHand } from '../kernels.ts'
import { slice } from './slice.ts'

const programs = {
  'processes that ignore what they can': `
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0: os.setsid()
print('up', flush=True)
signal.pause()`,
  'one that runs away from every list by forking': `
import os
print('up', flush=True)
while True:
    if os.fork() != 0: os._exit(0)`,
}

for (const [name, program] of Object.entries(programs)) {
  t.test(`the end of a group: ${name}`, async (t) => {
    const folder = join(slice, `test-${process.pid}`)
    mkdirSync(folder)
    t.equal(existsSync(join(folder, 'cgroup.kill')), !kernelAtHand().lacks.includes('cgroup.kill'))
    const enter = 'echo 0 >"$1/cgroup.procs"; exec /usr/bin/python3 -I -c "$2"'
    const child = spawn('sh', ['-c', enter, 'sh', folder, program], { stdio: ['ignore', 'pipe', 'inherit'] })
    // The pipe ends when the last process that holds it is gone.
    const isOver = once(child, 'close')
    await once(child.stdout, 'data')
    t.not(readFileSync(join(folder, 'cgroup.procs'), 'utf8'), '', 'they are in it')
    t.equal(await endGroup(folder, kernelFiles), true)
    t.notOk(existsSync(folder))
    await isOver
  })
}
