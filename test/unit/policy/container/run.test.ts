import t from 'tap'
import type { EngineFacts } from '../../../../lib/policy/container/engine.ts'
import { environmentLines } from '../../../../lib/policy/container/environment.ts'
import { demandContainer, judgeContainer } from '../../../../lib/policy/container/judge.ts'
import { holderArguments, type RunRequest, runArguments, startArguments } from '../../../../lib/policy/container/run.ts'
import { defaultTraffic, guarantees, type Policy } from '../../../../lib/policy/model.ts'
import { parseList } from '../../../../lib/policy/network/list.ts'

const podman: EngineFacts = {
  kind: 'podman',
  version: '4.3.1',
  identities: 'host',
  seccomp: true,
  controllers: ['memory', 'cpu', 'pids'],
  cgroups: 'enabled',
  places: ['/var/lib/containers/storage'],
}
const docker: EngineFacts = { ...podman, kind: 'docker' }
const root = { uid: 61_200, gid: 61_200, isOwn: true }
const user = { uid: 1000, gid: 1000, isOwn: false }

const limits = {
  memoryMb: { value: 512, written: true },
  cpuPercent: { value: 150, written: true },
  pids: { value: 64, written: true },
}
const policy: Policy = {
  name: 'box',
  network: false,
  filesystem: { kind: 'readonly' },
  inheritEnvironment: false,
  limits,
  allowPersistence: [],
  traffic: defaultTraffic,
  bestEffort: [],
}

const request: RunRequest = {
  engine: podman,
  name: 'mcpo-box-1',
  hostname: 'box',
  image: 'abc',
  command: null,
  args: ['--privileged'],
  cwd: null,
  user: root,
  network: false,
  egress: null,
  limits,
  mounts: [],
  environmentFile: '/tmp/e',
}

t.test('podman with cgroup v2: the whole command line', async (t) => {
  t.strictSame(runArguments(request), [
    ...['run', '--rm', '--interactive', '--name=mcpo-box-1', '--label=mcp-one', '--pull=never'],
    ...['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--log-driver=none', '--stop-timeout=0'],
    ...['--network=none', '--hostname=box', '--user=61200:61200'],
    ...['--memory=512m', '--memory-swap=512m', '--cpus=1.5', '--pids-limit=64'],
    ...['--ulimit=core=0:0', '--ulimit=nofile=8192:8192', '--ulimit=memlock=65536:65536'],
    ...['--ulimit=fsize=4294967296:4294967296', '--ulimit=nproc=64:64'],
    ...['--http-proxy=false', '--image-volume=ignore', '--read-only-tmpfs=false'],
    '--cgroup-conf=memory.oom.group=1',
    ...['--tmpfs=/tmp:rw,nosuid,nodev,mode=1777,size=268435456', '--shm-size=67108864', '--env-file=/tmp/e'],
    ...['abc', '--privileged'],
  ])
})

t.test('without cgroup v2 podman makes no groups, and memory is held per process', async (t) => {
  const args = runArguments({ ...request, engine: { ...podman, controllers: [], cgroups: 'disabled' } })
  t.ok(args.includes('--cgroups=disabled'))
  t.ok(args.includes('--ulimit=data=536870912:536870912'))
  t.notOk(
    args.some(
      (arg) =>
        arg.startsWith('--memory') ||
        arg.startsWith('--cgroup-conf') ||
        arg.startsWith('--cpus') ||
        arg.startsWith('--pids'),
    ),
  )
})

t.test('docker gets no option of podman, and no proxies of its own settings', async (t) => {
  const args = runArguments({ ...request, engine: docker, command: '[x' })
  t.notOk(args.some((arg) => /http-proxy|image-volume|read-only-tmpfs|cgroup|userns/.test(arg)))
  t.ok(args.includes('--env=HTTP_PROXY=') && args.includes('--env=no_proxy='))
  t.ok(args.includes('--entrypoint=[x'))
})

t.test('a rootless podman keeps the ids of the user, and counts no processes of others', async (t) => {
  const args = runArguments({ ...request, engine: { ...podman, identities: 'kept' }, user })
  t.ok(args.includes('--userns=keep-id') && args.includes('--user=1000:1000'))
  t.notOk(args.some((arg) => arg.startsWith('--ulimit=nproc')))
})

t.test('without subordinate ids the user is uid 0 of a user namespace; never of the host', async (t) => {
  const args = runArguments({ ...request, engine: { ...podman, identities: 'own-root' }, user })
  t.ok(args.includes('--user=0:0'))
  t.notOk(args.includes('--userns=keep-id'))
  for (const identities of ['host', 'kept'] as const)
    t.notOk(runArguments({ ...request, engine: { ...podman, identities }, user }).includes('--user=0:0'), identities)
  t.ok(runArguments({ ...request, engine: { ...podman, identities: 'own-root' } }).includes('--user=61200:61200'))
})

t.test('paths and commands stay one value, whatever is in them', async (t) => {
  const args = runArguments({
    ...request,
    command: '["a"]',
    cwd: '--x',
    mounts: [
      { kind: 'bind', source: '/a,b="c"', target: '/t', access: 'ro' },
      { kind: 'cover', target: '/t/state' },
    ],
  })
  t.ok(args.includes('--entrypoint=["[\\"a\\"]"]'))
  t.ok(args.includes('--workdir=--x'))
  t.ok(args.includes('--mount=type=bind,"source=/a,b=""c""",destination=/t,readonly=true,bind-nonrecursive=true'))
  t.ok(args.includes('--mount=type=tmpfs,destination=/t/state,tmpfs-size=4096,tmpfs-mode=0555'))
})

t.test('variables: a line each, sorted; a line break is refused', async (t) => {
  t.equal(environmentLines('box', { B: ' "x" #y', A: '' }), 'A=\nB= "x" #y\n')
  for (const value of ['a\nb=c', 'a\r', '\n'])
    t.throws(() => environmentLines('box', { SECRET: value }), { code: 'CONFIG_ERROR', message: /^(?!.*b=c).*SECRET/ })
})

t.test(
  'every guarantee has a verdict, and only what the type itself costs is less where the engine has all',
  async (t) => {
    const verdicts = judgeContainer(policy, podman, root)
    t.strictSame(
      verdicts.map(({ guarantee }) => guarantee),
      guarantees,
    )
    t.strictSame(
      verdicts.filter(({ strength }) => strength !== 'full').map(({ guarantee }) => guarantee),
      ['kernel-surface', 'no-orphans'],
    )
    t.doesNotThrow(() => demandContainer(verdicts, policy, podman))
  },
)

for (const controller of ['memory', 'cpu', 'pids'] as const) {
  t.test(`a written limit that the engine has no ${controller} controller for refuses the start`, async (t) => {
    const engine = { ...podman, controllers: podman.controllers.filter((name) => name !== controller) }
    const start = (asked: Policy) => demandContainer(judgeContainer(asked, engine, root), asked, engine)
    t.throws(() => start(policy), {
      code: 'SANDBOX_ERROR',
      hint: new RegExp(`cgroup v2 with the ${controller} controller`),
    })
    t.doesNotThrow(() => start({ ...policy, bestEffort: [controller] }))
  })
}

t.test('an engine without a filter of system calls is refused', async (t) => {
  const engine = { ...podman, seccomp: false }
  t.throws(() => demandContainer(judgeContainer(policy, engine, root), policy, engine), { message: /kernel-surface/ })
})

t.test('with a folder for writing, what the persistence guards cannot hold is told', async (t) => {
  const writing: Policy = { ...policy, filesystem: { kind: 'paths', grants: [{ path: '/a', access: 'rw' }] } }
  const [, verdict] = judgeContainer(writing, podman, root)
  t.match(verdict, { guarantee: 'fs-write', strength: 'partial', weakened: /absent can be made/ })
  t.doesNotThrow(() => demandContainer(judgeContainer(writing, podman, root), writing, podman))
})

t.test('the network of the host is a weakening, and told as one', async (t) => {
  const open: Policy = { ...policy, network: 'host' }
  t.match(judgeContainer(open, podman, root)[2], {
    guarantee: 'network',
    strength: 'none',
    weakened: /^network = "host"/,
  })
  t.ok(runArguments({ ...request, network: 'host' }).includes('--network=host'))
})

const files = { hosts: '/f/hosts', resolver: '/f/resolv.conf', pid: '/f/pid', monitorPid: '/f/monitor-pid' }
const listed: Policy = { ...policy, network: parseList(['api.example.org:443']) }

t.test('with a way out podman only makes the container, still without a network, and runs it later', async (t) => {
  const args = runArguments({ ...request, network: listed.network, egress: files })
  t.equal(args[0], 'create')
  t.ok(args.includes('--network=none') && args.includes('--cap-drop=ALL'))
  t.ok(args.includes('--pidfile=/f/pid') && args.includes('--conmon-pidfile=/f/monitor-pid'))
  const shown = ['source=/f/hosts,destination=/etc/hosts', 'source=/f/resolv.conf,destination=/etc/resolv.conf']
  for (const each of shown) t.ok(args.includes(`--mount=type=bind,${each},readonly=true,bind-nonrecursive=true`), each)
  t.strictSame(startArguments('box'), ['start', '--attach', '--interactive', 'box'])
  t.match(judgeContainer(listed, podman, root)[2], {
    guarantee: 'network',
    strength: 'full',
    by: ['podman: network namespace with loopback only', 'the gateway connects to 1 listed destinations only'],
  })
  t.doesNotThrow(() => demandContainer(judgeContainer(listed, podman, root), listed, podman))
})

t.test('with a way out docker joins the network of a container that does nothing, and has its proxies', async (t) => {
  const args = runArguments({ ...request, engine: docker, network: listed.network, egress: files })
  t.equal(args[0], 'run')
  t.ok(args.includes('--network=container:mcpo-box-1-net'))
  t.notOk(args.some((arg) => /^--(network=none|hostname|pidfile|conmon-pidfile|env=(HTTPS?|NO)_PROXY)/i.test(arg)))
  t.strictSame(holderArguments({ ...request, engine: docker }, '/l'), [
    ...['run', '--rm', '--detach', '--name=mcpo-box-1-net', '--label=mcp-one', '--pull=never', '--read-only'],
    ...['--cap-drop=ALL', '--security-opt=no-new-privileges', '--log-driver=none', '--network=none'],
    '--user=61200:61200',
    '--mount=type=bind,source=/l,destination=/mcpo-launch,readonly=true,bind-nonrecursive=true',
    ...['--entrypoint=/mcpo-launch', 'abc', 'hold'],
  ])
  t.match(judgeContainer(listed, docker, root)[2], { strength: 'full', by: [/^docker/, /listed destinations only/] })
})

t.test("an ordinary user may not listen in the network of root's docker, whatever best_effort accepts", async (t) => {
  const judged = judgeContainer(listed, docker, user)
  t.match(judged[2], { strength: 'none', why: /^docker's containers are root's/ })
  for (const bestEffort of [[], ['network']] as const) {
    const asked: Policy = { ...listed, bestEffort }
    t.throws(() => demandContainer(judged, asked, docker), { code: 'SANDBOX_ERROR', hint: /^use podman/ })
  }
  t.doesNotThrow(() => demandContainer(judgeContainer(policy, docker, user), policy, docker))
  const rootless: EngineFacts = { ...docker, identities: 'own-root' }
  for (const engine of [rootless, podman]) t.equal(judgeContainer(listed, engine, user)[2]?.strength, 'full')
})
