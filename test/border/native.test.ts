/** The border to the addon: whatever JavaScript hands over, an answer comes back and nothing is left open. */
import { spawnSync } from 'node:child_process'
import { closeSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import {
  decodeStatus,
  isMarkedDelegated,
  isNativeFailure,
  launcherPath,
  openLocked,
  probe,
  reap,
  signal,
  spawn,
  stdioPipes,
} from '../../lib/native/index.ts'
import type { Plan } from '../../lib/policy/plan.ts'
import { makePlan, users } from '../platform/linux/launched.ts'
import { plainPlan } from '../support/plain-plan.ts'
import { until } from '../support/until.ts'

const addonPath = fileURLToPath(new URL('../../../build/Release/mcp_one.node', import.meta.url))

/** The raw addon, past TypeScript's checks. */
const raw: Record<string, (...args: unknown[]) => unknown> = createRequire(import.meta.url)(addonPath)

const plan: Plan = { ...plainPlan, dryRun: true }

const strange: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  10n,
  '',
  'text',
  Symbol('s'),
  [],
  {},
  () => 1,
  new Uint8Array(3),
  new Proxy(
    {},
    {
      get: () => {
        throw new Error('trap')
      },
    },
  ),
]

t.test('no function throws, or leaves a descriptor open, for any kind of argument', async (t) => {
  const before = openDescriptors()
  for (const name of Object.keys(raw).filter((name) => name !== 'stdioPipes' && name !== 'leave')) {
    for (const first of strange) {
      for (const second of strange) {
        t.doesNotThrow(() => raw[name]?.(first, second, second, second), `${name}(${typeof first}, ${typeof second})`)
      }
    }
  }
  t.equal(openDescriptors(), before)
})

t.test('when a file was written is told as Node tells it, and that there is none', async (t) => {
  t.equal(raw['writtenMs']?.(addonPath), statSync(addonPath).mtimeMs)
  t.equal(raw['writtenMs']?.(`${addonPath}.not-there`), -1)
})

t.test('a terminal is told from what is none, and from no descriptor', async (t) => {
  const script = `process.exitCode = Number(require(${JSON.stringify(addonPath)}).isTerminal(0))`
  const line = `${process.execPath} -e '${script}'`
  t.equal(spawnSync('script', ['-qec', line, '/dev/null'], { stdio: ['ignore', 'ignore', 'inherit'] }).status, 1)
  t.equal(spawnSync('sh', ['-c', line], { stdio: ['pipe', 'ignore', 'inherit'] }).status, 0)
  t.equal(raw['isTerminal']?.(2 ** 31 - 1), false)
  for (const fd of strange.filter((each) => each !== 0)) t.same(raw['isTerminal']?.(fd), { stage: 'fd', errno: 22 })
})

t.test('leaving takes an exit code, and nothing else', async (t) => {
  for (const code of strange.filter((each) => each !== 0)) t.same(raw['leave']?.(code), { stage: 'code', errno: 22 })
  t.same(raw['leave']?.(256), { stage: 'code', errno: 22 })
  const script = `process.on('exit', () => console.log('told')); require(${JSON.stringify(addonPath)}).leave(7)`
  const { status, stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
  t.same({ status, stdout }, { status: 7, stdout: '' })
})

t.test('a field of the plan that is not what it should be is named', async (t) => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ hostname: 5 }, 'plan.hostname'],
    [{ hostUid: 0 }, 'plan.hostUid'],
    [{ hostUid: 2 ** 32 }, 'plan.hostUid'],
    [{ enteredPid: 0 }, 'plan.enteredPid'],
    [{ enteredPid: 2 ** 31 }, 'plan.enteredPid'],
    [{ enteredPid: null }, 'plan.enteredPid'],
    [{ userNamespace: 0 }, 'plan.userNamespace'],
    [{ shareNetwork: 'yes' }, 'plan.shareNetwork'],
    [{ egress: true }, 'plan.egress'],
    [{ egress: { ports: [0], routes: [] } }, 'plan.egress.ports[0]'],
    [{ egress: { ports: [80, 65_536], routes: [] } }, 'plan.egress.ports[1]'],
    [{ egress: { ports: Array(65).fill(80), routes: [] } }, 'plan.egress.ports'],
    [{ egress: { ports: [], routes: [1] } }, 'plan.egress.routes[0]'],
    [{ root: 'all' }, 'plan.root'],
    [{ mounts: {} }, 'plan.mounts'],
    [{ mounts: [{ op: 'bend' }] }, 'plan.mounts[0].op'],
    [{ mounts: [{ op: 'proc' }, { op: 'dir', target: 1, mode: 0 }] }, 'plan.mounts[1].target'],
    [{ mounts: [{ op: 'dir', target: '/x', mode: 0o10000 }] }, 'plan.mounts[0].mode'],
    [{ mounts: [{ op: 'dev', shmBytes: -1 }] }, 'plan.mounts[0].shmBytes'],
    [{ mounts: Array.from({ length: 1025 }, () => ({ op: 'proc' })) }, 'plan.mounts'],
    [{ landlock: { handledFs: 1, scoped: 0, rules: [{ path: '/', access: 'all' }] } }, 'plan.landlock.rules[0].access'],
    [{ rlimits: [{ resource: 'as', value: 1 }] }, 'plan.rlimits[0].resource'],
    [{ rlimits: [{ resource: 'nofile', value: 1, soft: '1' }] }, 'plan.rlimits[0].soft'],
    [{ argv: [] }, 'plan.argv'],
    [{ environment: ['A=1', null] }, 'plan.environment[1]'],
    [{ dryRun: 1 }, 'plan.dryRun'],
  ]
  for (const [change, stage] of wrong) {
    t.same(raw['spawn']?.({ ...plan, ...change }, '/bin/true', [0, 1, 2]), { stage, errno: 22 }, stage)
  }
  t.same(raw['spawn']?.(plan, '/bin/true', [0, 1]), { stage: 'stdio', errno: 22 })
})

t.test('a getter that throws is a failure like another', async (t) => {
  const trap = Object.defineProperty({ ...plan }, 'argv', {
    get() {
      throw new Error('trap')
    },
  })
  t.match(raw['spawn']?.(trap, '/bin/true', [0, 1, 2]), { errno: 22 })
})

t.test('a NUL in a path is refused before anything is started', async (t) => {
  t.match(
    spawn({ ...plan, cwd: '/a\0b' }, { launcher: launcherPath, stdio: [0, 1, 2], cgroup: null, refusals: 'told' }),
    {
      stage: 'plan',
    },
  )
})

t.test('a launcher that is missing is a failure, and leaves no process and no descriptor', async (t) => {
  const before = openDescriptors()
  t.same(spawn(plan, { launcher: '/not/there', stdio: [0, 1, 2], cgroup: null, refusals: 'told' }), {
    stage: 'exec-launcher',
    errno: 'ENOENT',
  })
  t.equal(openDescriptors(), before)
})

t.test('descriptors that are not open are a failure', async (t) => {
  t.same(spawn(plan, { launcher: launcherPath, stdio: [9999, 1, 2], cgroup: null, refusals: 'told' }), {
    stage: 'dup',
    errno: 'EBADF',
  })
})

t.test('signal and reap answer for a child, and for what is none', async (t) => {
  const child = spawn(plan, { launcher: launcherPath, stdio: [0, 1, 2], cgroup: null, refusals: 'told' })
  if (isNativeFailure(child)) throw new Error(`${child.stage} ${child.errno}`)
  t.equal(signal(child.pidfd, 'SIGKILL'), null)
  let ending = reap(child.pidfd)
  while (ending === null) ending = reap(child.pidfd)
  t.notOk(isNativeFailure(ending))
  t.match(reap(child.pidfd), { stage: 'waitid', errno: 'ECHILD' })
  for (const fd of [child.pidfd, child.status, child.lifeline, child.step, child.refusals]) closeSync(fd)
  t.match(reap(child.pidfd), { errno: 'EBADF' })
})

t.test(
  'a folder is locked by one at a time, or by several that share it, until its descriptor is closed',
  async (t) => {
    const folder = t.testdir({ file: '' })
    const open = (path: string, kind: 'shared' | 'exclusive'): number => {
      const fd = openLocked(path, kind)
      if (isNativeFailure(fd)) throw new Error(fd.errno)
      return fd
    }
    const alone = open(folder, 'exclusive')
    t.throws(() => open(folder, 'shared'), { message: 'EAGAIN' })
    closeSync(alone)
    const shared = [open(folder, 'shared'), open(folder, 'shared')]
    t.throws(() => open(folder, 'exclusive'), { message: 'EAGAIN' })
    for (const fd of shared) closeSync(fd)
    t.throws(() => open(`${folder}/file`, 'shared'), { message: 'ENOTDIR' })
    t.throws(() => open(`${folder}/absent`, 'shared'), { message: 'ENOENT' })
    t.equal(isMarkedDelegated(folder), false)
  },
)

t.test('what is no control group holds no launcher, and nothing is started', async (t) => {
  const before = openDescriptors()
  const folder = openLocked(t.testdir({}), 'shared')
  if (isNativeFailure(folder)) throw new Error(folder.errno)
  const child = spawn(plan, { launcher: launcherPath, stdio: [0, 1, 2], cgroup: folder, refusals: 'told' })
  t.same(child, { stage: 'cgroup-clone', errno: 'EBADF' })
  closeSync(folder)
  t.equal(openDescriptors(), before)
})

t.test('stdio pipes are six descriptors', async (t) => {
  const pipes = stdioPipes(null)
  if (isNativeFailure(pipes)) throw new Error(pipes.stage)
  const all = [...pipes.child, ...pipes.parent]
  t.equal(new Set(all).size, 6)
  for (const fd of all) closeSync(fd)
})

t.test('probe tells facts', async (t) => {
  t.match(probe(), {
    kernel: String,
    landlockAbi: Number,
    seccompFilter: true,
    userNotification: Boolean,
    pidfd: true,
    idmappedMounts: Boolean,
  })
})

t.test('status records are decoded at whatever bytes the chunks break', async (t) => {
  const record = (kind: number, value: number, text: string): Buffer => {
    const bytes = Buffer.from(text)
    const header = Buffer.alloc(8)
    header.writeUInt8(kind, 0)
    header.writeUInt16LE(bytes.length, 2)
    header.writeInt32LE(value, 4)
    return Buffer.concat([header, bytes])
  }
  const stream = Buffer.concat([
    record(1, 0, 'open\0/srv'),
    record(4, 22, 'not id-mapped: /m'),
    record(3, 0, 'Uid=1000\nSeccomp=2\n'),
    record(99, 0, 'from a later version'),
    record(2, 2, 'exec\0/bin/x'),
    record(5, -9, ''),
    record(
      6,
      77,
      'call=mount\nwhy=roots = settled\nnumber=165\npid=77\ncount=3\narguments=0 1 2 3 4 18446744073709551615\n',
    ),
    record(7, 77, 'openat\0write\0/a b/\nc'),
  ])
  const expected = [
    { kind: 'progress', step: 'open', detail: '/srv' },
    { kind: 'note', errno: 'EINVAL', text: 'not id-mapped: /m' },
    { kind: 'ready', facts: { Uid: '1000', Seccomp: '2' } },
    { kind: 'failure', step: 'exec', errno: 'ENOENT', detail: '/bin/x' },
    { kind: 'exit', code: null, signal: 9 },
    {
      kind: 'refusal',
      call: 'mount',
      why: 'roots = settled',
      number: 165,
      pid: 77,
      count: 3,
      arguments: ['0', '1', '2', '3', '4', '18446744073709551615'],
    },
    { kind: 'access', pid: 77, call: 'openat', intent: 'write', path: '/a b/\nc' },
  ]
  for (let size = 1; size <= stream.length; size += 1) {
    const decode = decodeStatus()
    const records = []
    for (let at = 0; at < stream.length; at += size) records.push(...decode(stream.subarray(at, at + size)))
    t.same(records, expected)
  }
})

t.test('a worker that is terminated in the middle takes its launchers with it', async (t) => {
  const [user] = users
  if (user === undefined) throw new Error('no user')
  const before = supervisors()
  const sleeping = makePlan(user, 'sleep 600')
  const worker = new Worker(new URL('./spawning-worker.js', import.meta.url), { workerData: { plan: sleeping } })
  const pids = new Set<number>()
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (pid: number) => pids.add(pid).size === 20 && resolve())
    worker.on('error', reject)
  })
  t.equal(supervisors(), before + 1, 'one thread for all of them')
  await worker.terminate()
  t.equal(supervisors(), before, 'which ends with the worker')
  await t.resolves(until(() => childrenLeft(pids) === 0))
})

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

/** Threads of this process that answer refused calls. */
function supervisors(): number {
  const names = readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim())
  return names.filter((name) => name === 'mcpo-supervisor').length
}

/** Running ones: who terminated is a zombie that nobody waits for any more. */
function childrenLeft(pids: ReadonlySet<number>): number {
  return [...pids].filter((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).length > 0
    } catch {
      return false
    }
  }).length
}
