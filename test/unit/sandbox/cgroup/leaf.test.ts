import t from 'tap'
import { compileCgroup } from '../../../../lib/policy/cgroup.ts'
import type { HostFacts } from '../../../../lib/policy/host.ts'
import type { Limits } from '../../../../lib/policy/model.ts'
import { enterCgroups } from '../../../../lib/sandbox/cgroup/enter.ts'
import type { Leaf } from '../../../../lib/sandbox/cgroup/leaf.ts'
import type { Subtree } from '../../../../lib/sandbox/cgroup/subtree.ts'
import { type FakeOptions, FakeTree, systemError } from './fake-tree.ts'

const limits: Limits = {
  memoryMb: { value: 64, written: true },
  cpuPercent: { value: 25, written: true },
  pids: { value: 32, written: true },
}
const base = '/sys/fs/cgroup/a.scope/mcpo'

async function ready(
  options: FakeOptions = {},
): Promise<{ made: FakeTree; subtree: Subtree; leaf: () => Promise<Leaf> }> {
  const made = new FakeTree(options)
  made.add('/a.scope', [made.self], { isMarked: true })
  const { facts, subtree } = await enterCgroups({ uid: 1000, pid: made.self, hasSystemd: true }, made)
  if (subtree === null) throw new Error(JSON.stringify(facts))
  const settings = compileCgroup(limits, { cgroup: facts } as HostFacts)
  return { made, subtree, leaf: () => subtree.makeLeaf('files', settings, limits) }
}

t.test('a group has its limits before anything is in it, and is locked', async (t) => {
  const { made, leaf } = await ready()
  const { folder } = await leaf()
  t.match(folder, /\/mcpo\/files-\d+-[0-9a-f]{8}$/)
  t.same(made.settingsOf(folder), {
    'memory.max': '67108864',
    'memory.high': '60397977',
    'memory.swap.max': '0',
    'memory.oom.group': '1',
    'cpu.max': '25000 100000',
    'pids.max': '34',
  })
  t.equal(made.lock(folder, 'exclusive'), null)
})

t.test('a kernel without swap has no such limit to write', async (t) => {
  const { made, leaf } = await ready({ hasSwapFiles: false })
  t.notOk('memory.swap.max' in made.settingsOf((await leaf()).folder))
})

t.test('a limit that cannot be written refuses the start, and leaves no group', async (t) => {
  const { made, leaf } = await ready()
  const write = made.write.bind(made)
  made.write = async (file, text) => {
    if (file.endsWith('cpu.max')) throw systemError('EINVAL')
    await write(file, text)
  }
  await t.rejects(leaf(), { code: 'SANDBOX_ERROR', data: { step: 'cgroup', errno: 'EINVAL' } })
  t.same(await made.foldersIn(base), [])
})

t.test('a group that another gateway took for a stale one is made again', async (t) => {
  const { made, leaf } = await ready()
  const lock = made.lock.bind(made)
  let refusals = 2
  made.lock = (folder, kind) => (refusals-- > 0 ? null : lock(folder, kind))
  t.ok((await leaf()).fd)
  refusals = 100
  await t.rejects(leaf(), { code: 'SANDBOX_ERROR', data: { errno: 'EAGAIN' } })
})

t.test('the end kills what is left, says which limit it was, and leaves no group', async (t) => {
  const { made, leaf } = await ready()
  const group = await leaf()
  const path = group.folder.slice('/sys/fs/cgroup'.length)
  await made.makeFolder(`${base}/x`)
  made.add('/elsewhere', [201])
  await made.write(`${group.folder}/cgroup.procs`, '201')
  made.tell(path, 'memory.events', 'low 0\nhigh 0\nmax 31\noom 1\noom_kill 3\noom_group_kill 1\n')
  made.tell(path, 'pids.events', 'max 5\n')
  made.tell(path, 'cpu.stat', 'usage_usec 1234567\nnr_throttled 3\nthrottled_usec 500000\n')
  made.tell(path, 'memory.peak', '67108864\n')
  const report = await group.end()
  t.same(report, {
    hits: [
      { limit: 'max_memory_mb', value: 64, times: 1, killed: true },
      { limit: 'max_pids', value: 32, times: 5, killed: false },
    ],
    usage: { cpuMs: 1235, throttledMs: 500, memoryPeakBytes: 67108864 },
  })
  t.same(await made.foldersIn(base), ['x'])
  t.equal(await group.end(), report)
})

t.test('to reach the limit and go on is no event', async (t) => {
  const { made, leaf } = await ready()
  const group = await leaf()
  made.tell(group.folder.slice('/sys/fs/cgroup'.length), 'memory.events', 'low 0\nhigh 9\nmax 31\noom 0\noom_kill 0\n')
  t.match(await group.end(), { hits: [], usage: { memoryPeakBytes: null } })
})

t.test('before Linux 5.14 a group is frozen, killed one by one, and thawed', async (t) => {
  const { made, leaf } = await ready({ hasKill: false })
  const group = await leaf()
  made.add('/elsewhere', [201, 202])
  for (const pid of ['201', '202']) await made.write(`${group.folder}/cgroup.procs`, pid)
  const before = made.acts.length
  await group.end()
  const path = group.folder.slice('/sys/fs/cgroup'.length)
  t.same(made.acts.slice(before), [
    `${path}/cgroup.freeze = 1`,
    'kill 201',
    'kill 202',
    `${path}/cgroup.freeze = 0`,
    `remove ${path}`,
  ])
})

t.test('a gateway that leaves ends the groups that it still has', async (t) => {
  const { made, subtree, leaf } = await ready()
  await Promise.all([leaf(), leaf()])
  await subtree.leave()
  t.same(made.picture, ['/ |  | cpu cpuset io memory pids', '/a.scope | 100 | '])
})
