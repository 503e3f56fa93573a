import t from 'tap'
import { holderName } from '../../../../lib/policy/container/run.ts'
import { findEngine } from '../../../../lib/sandbox/container/engine.ts'
import { dockerFacts, podmanFacts } from '../../../../lib/sandbox/container/facts.ts'
import { containerName, isStale } from '../../../../lib/sandbox/container/owner.ts'
import { makeTree } from '../tree.ts'

const podmanInfo = {
  host: {
    cgroupVersion: 'v2',
    cgroupControllers: ['cpuset', 'memory', 'pids'],
    ociRuntime: { name: 'crun' },
    security: { rootless: true, seccompEnabled: true },
  },
  store: { graphRoot: '/g', runRoot: '/r' },
  version: { Version: '5.0.0' },
}

const dockerInfo = {
  ServerVersion: '27.0',
  SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
  MemoryLimit: true,
  SwapLimit: true,
  CpuCfsQuota: true,
  PidsLimit: true,
  DockerRootDir: '/var/lib/docker',
}

t.test('podman holds the limits that cgroup v2 gives it, and none of v1', async (t) => {
  t.match(podmanFacts(podmanInfo), { controllers: ['memory', 'pids'], cgroups: 'enabled', identities: 'own-root' })
  const v1 = { ...podmanInfo.host, cgroupVersion: 'v1' }
  t.match(podmanFacts({ ...podmanInfo, host: v1 }), { controllers: [], cgroups: 'disabled' })
  const runc = { ...v1, ociRuntime: { name: 'runc' } }
  t.match(podmanFacts({ ...podmanInfo, host: runc }), { controllers: [], cgroups: 'no-conmon' })
})

t.test('a rootless podman has more than one id where there are subordinate ones', async (t) => {
  const [user, subordinate] = [
    { container_id: 0, size: 1 },
    { container_id: 1, size: 65_536 },
  ]
  const mapped = (uidmap: object[] | null) =>
    podmanFacts({ ...podmanInfo, host: { ...podmanInfo.host, idMappings: { uidmap } } })
  t.equal(mapped([user]).identities, 'own-root')
  t.equal(mapped(null).identities, 'own-root')
  t.equal(mapped([user, subordinate]).identities, 'kept')
  const { security } = podmanInfo.host
  const host = { ...podmanInfo.host, security: { ...security, rootless: false } }
  t.equal(podmanFacts({ ...podmanInfo, host }).identities, 'host')
})

t.test('docker without swap accounting holds no memory limit; an unconfined filter is none', async (t) => {
  t.match(dockerFacts(dockerInfo), { controllers: ['memory', 'cpu', 'pids'], seccomp: true, identities: 'host' })
  t.strictSame(dockerFacts({ ...dockerInfo, SwapLimit: false }).controllers, ['cpu', 'pids'])
  t.equal(dockerFacts({ ...dockerInfo, SecurityOptions: ['name=seccomp,profile=unconfined'] }).seccomp, false)
  t.equal(dockerFacts({ ...dockerInfo, SecurityOptions: ['name=rootless'] }).identities, 'own-root')
})

t.test('where an engine keeps its state and listens is known', async (t) => {
  t.strictSame(podmanFacts(podmanInfo).places, ['/g', '/r', '/run/podman'])
  const host = { ...podmanInfo.host, remoteSocket: { path: '/run/user/7/podman/podman.sock' } }
  t.strictSame(podmanFacts({ ...podmanInfo, host }).places, ['/g', '/r', '/run/user/7/podman/podman.sock'])
  t.strictSame(dockerFacts(dockerInfo).places, ['/var/lib/docker', '/run/docker.sock'])
  t.strictSame(dockerFacts(dockerInfo, 'unix:///home/u/docker.sock').places[1], '/home/u/docker.sock')
})

t.test('podman is taken before docker; neither is an error that names both', async (t) => {
  const script = (answer: object) => ({ run: `#!/bin/sh\necho '${JSON.stringify(answer)}'\n` })
  const folder = makeTree(t, { 'a/docker': script(dockerInfo), 'b/podman': script(podmanInfo) })
  t.match(await findEngine({ PATH: `${folder}/a:${folder}/b` }), { path: `${folder}/b/podman` })
  t.match(await findEngine({ PATH: `${folder}/a` }), { path: `${folder}/a/docker`, facts: { kind: 'docker' } })
  await t.rejects(findEngine({ PATH: `${folder}` }), {
    code: 'NOT_FOUND',
    message: /podman nor docker/,
    hint: /install/,
  })
})

t.test('an engine that fails or talks nonsense is an error; one on another machine is refused', async (t) => {
  const folder = makeTree(t, {
    'a/podman': { run: '#!/bin/sh\necho cannot connect >&2\nexit 1\n' },
    'b/podman': { run: '#!/bin/sh\necho "{}"\n' },
  })
  await t.rejects(findEngine({ PATH: `${folder}/a` }), { code: 'SANDBOX_ERROR', message: /cannot connect/ })
  await t.rejects(findEngine({ PATH: `${folder}/b` }), { code: 'SANDBOX_ERROR' })
  await t.rejects(findEngine({ PATH: folder, DOCKER_HOST: 'tcp://10.0.0.1:2375' }), { code: 'CONFIG_ERROR' })
})

t.test('crun is refused where it would refuse: cgroup v1 with a v2 that has controllers', async (t) => {
  const saying = (host: object) => ({ run: `#!/bin/sh\necho '${JSON.stringify({ ...podmanInfo, host })}'\n` })
  const v1 = { ...podmanInfo.host, cgroupVersion: 'v1' }
  const folder = makeTree(t, {
    'crun/podman': saying(v1),
    'runc/podman': saying({ ...v1, ociRuntime: { name: 'runc' } }),
    'v2/podman': saying(podmanInfo.host),
    'mixed/cgroup.controllers': 'hugetlb\n',
    'apart/cgroup.controllers': '\n',
  })
  const find = (engine: string, groups: string) => findEngine({ PATH: `${folder}/${engine}` }, `${folder}/${groups}`)
  await t.rejects(find('crun', 'mixed'), { code: 'SANDBOX_ERROR', message: /hugetlb/, hint: /runc/ })
  for (const [engine, groups] of [
    ['crun', 'apart'],
    ['crun', 'none'],
    ['runc', 'mixed'],
    ['v2', 'mixed'],
  ] as const)
    await t.resolves(find(engine, groups), `${engine} ${groups}`)
})

t.test("the engine's client is given none of the gateway's secrets", async (t) => {
  const folder = makeTree(t, { podman: { run: `#!/bin/sh\necho '${JSON.stringify(podmanInfo)}'\n` } })
  const { environment } = await findEngine({ PATH: folder, HOME: '/h', TOKEN: 'x', LD_PRELOAD: 'y' })
  t.strictSame(environment, { PATH: folder, HOME: '/h' })
})

t.test('a container is stale once its gateway is gone: the same process, not the same pid', async (t) => {
  const name = containerName('a-1-2')
  t.notOk(isStale(name), 'our own')
  const others = name.replace(/-(\d+)-(\d+-[0-9a-f]{8}-[0-9a-f]{8})$/, '-1$1-$2')
  t.ok(isStale(others), 'another process had this pid')
  t.ok(isStale(holderName(others)) && !isStale(holderName(name)), 'and so with what holds a network')
  t.notOk(isStale(name.replace(/-\d+-(\d+)-(\d+-[0-9a-f]{8}-)/, '-999999999-$1-9$2')), 'another pid namespace')
  for (const other of ['postgres', '', 'mcpo-x', 'mcpo-x-1-2-3-4']) t.notOk(isStale(other), other)
})
