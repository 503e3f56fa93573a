import t from 'tap'
import type { HostFacts } from '../../../lib/policy/host.ts'
import { compileLandlock, landlockRights } from '../../../lib/policy/landlock.ts'

const facts = (landlockAbi: number): HostFacts => ({
  platform: 'linux',
  arch: 'x64',
  kernel: '6.18.0',
  uid: 1000,
  gid: 1000,
  landlockAbi,
  seccompFilter: true,
  userNotification: true,
  pidfd: true,
  idmappedMounts: true,
  cgroup: { controllers: [], lack: { reason: 'absent', detail: '' } },
  noUserNamespace: null,
  sandboxFailure: null,
})

t.test('a kernel without Landlock gets no rules', async (t) => {
  t.equal(compileLandlock(facts(0), [{ path: '/', use: 'list' }]), null)
})

t.test('each ABI is asked for the rights that it knows, a newer one for those known here', async (t) => {
  const handled = [1, 2, 3, 4, 5, 6, 7, 99].map((abi) => compileLandlock(facts(abi), [])?.handledFs)
  t.same(handled, [0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff, 0xffff, 0xffff, 0xffff])
})

t.test('signals and abstract sockets are scoped from ABI 6 on', async (t) => {
  t.equal(compileLandlock(facts(5), [])?.scoped, 0)
  t.equal(compileLandlock(facts(6), [])?.scoped, 3)
})

t.test('no rule has a right that the ABI does not handle, or makes a device', async (t) => {
  const uses = ['list', 'read', 'write', 'devices'] as const
  for (let abi = 1; abi <= 8; abi++) {
    const plan = compileLandlock(
      facts(abi),
      uses.map((use) => ({ path: `/${use}`, use })),
    )
    for (const { path, access } of plan?.rules ?? []) {
      t.equal(access & ~(plan?.handledFs ?? 0), 0, `${path} under ABI ${abi}`)
      t.equal(access & (landlockRights.makeChar | landlockRights.makeBlock), 0)
    }
  }
})

t.test('what is for reading cannot be written', async (t) => {
  const rule = compileLandlock(facts(7), [{ path: '/usr', use: 'read' }])?.rules[0]
  t.equal(rule?.access, landlockRights.execute | landlockRights.readFile | landlockRights.readDir)
})
