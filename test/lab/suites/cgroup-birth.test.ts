/** Limits are in force before a server's first instruction: its first process is born in its group, whose limits are written. */
import { closeSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { isNativeFailure, launcherPath, spawn, stdioPipes } from '../../../lib/native/index.ts'
import { createContext } from '../../../lib/sandbox/context.ts'
import { Life } from '../../../lib/sandbox/life.ts'
import { prepareLaunch } from '../../../lib/sandbox/start.ts'
import { plainPolicy, written } from '../../support/plain-policy.ts'

const policy = plainPolicy('born', { limits: written(64, 50, 30) })
const mount = '/sys/fs/cgroup'

t.test('a server is born in its group', async (t) => {
  const context = createContext({ configFile: null, environment: process.env })
  const spec = {
    policy,
    command: 'true',
    args: [],
    env: {},
    cwd: null,
    baseDir: '/',
    secretVariables: new Set<string>(),
  }
  const { name, plan, cgroup, limits } = await prepareLaunch(spec, context, { passing: true })
  const leaf = await cgroup!.subtree.makeLeaf(name, cgroup!.settings, limits)
  const pipes = stdioPipes(plan.hostUid)
  if (isNativeFailure(pipes)) throw new Error(pipes.errno)

  for (const [group, isInside] of [
    [leaf.fd, true],
    [null, false],
  ] as const) {
    const written = ['memory.max', 'cpu.max', 'pids.max'].map((file) => readFileSync(join(leaf.folder, file), 'utf8'))
    const child = spawn(plan, { launcher: launcherPath, stdio: pipes.child, cgroup: group, refusals: 'told' })
    if (isNativeFailure(child)) throw new Error(child.errno)
    // Nothing was awaited since: whatever moved it here later would come too late.
    const found = readFileSync(`/proc/${child.pid}/cgroup`, 'utf8')
    t.equal(found === `0::/${relative(mount, leaf.folder)}\n`, isInside, found)
    t.same(written, [`${64 * 1024 * 1024}\n`, '50000 100000\n', '32\n'])
    await new Life(child).exited
  }

  for (const fd of [...pipes.parent, ...pipes.child]) closeSync(fd)
  await leaf.end()
  await context.close()
})
