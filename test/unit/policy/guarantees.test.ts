import t from 'tap'
import { demand, judge, unconfinedVerdicts } from '../../../lib/policy/guarantees.ts'
import type { HostFacts } from '../../../lib/policy/host.ts'
import { guarantees, type Policy } from '../../../lib/policy/model.ts'
import { plainPolicy, unwritten } from '../../support/plain-policy.ts'

const facts: HostFacts = {
  platform: 'linux',
  arch: 'x64',
  kernel: '6.18.0',
  uid: 1000,
  gid: 1000,
  landlockAbi: 7,
  seccompFilter: true,
  userNotification: true,
  pidfd: true,
  idmappedMounts: true,
  cgroup: { controllers: [], lack: { reason: 'absent', detail: '' } },
  noUserNamespace: null,
  sandboxFailure: null,
}

const policy = plainPolicy('x', { limits: unwritten(512, 50, 64) })

t.test('every guarantee has one verdict, in their order', async (t) => {
  t.same(
    judge(policy, facts).map(({ guarantee }) => guarantee),
    guarantees,
  )
})

t.test('a verdict that is not full says why, or which setting asks for it', async (t) => {
  const weakest: Policy = { ...policy, network: 'host', filesystem: { kind: 'full' }, inheritEnvironment: true }
  for (const { guarantee, strength, why, weakened } of judge(weakest, {
    ...facts,
    seccompFilter: false,
    kernel: '4.19.0',
  })) {
    if (strength !== 'full') t.ok(why !== undefined || weakened !== undefined, guarantee)
  }
})

t.test('what a policy itself asks to weaken does not refuse the start', async (t) => {
  const weak: Policy = { ...policy, network: 'host', filesystem: { kind: 'host-readonly' }, inheritEnvironment: true }
  const verdicts = judge(weak, facts)
  demand(verdicts, weak, facts)
  const weakened = verdicts.filter((verdict) => verdict.weakened !== undefined).map(({ guarantee }) => guarantee)
  t.same(weakened, ['fs-read', 'network', 'environment'])
})

t.test('a written limit that cannot be held is refused, and the error says what to write', async (t) => {
  const written: Policy = { ...policy, limits: { ...policy.limits, memoryMb: { value: 64, written: true } } }
  t.throws(() => demand(judge(written, facts), written, facts), {
    code: 'SANDBOX_ERROR',
    message: /max_memory_mb = 64/,
    hint: /best_effort = \["memory"\]/,
  })
  const accepted: Policy = { ...written, bestEffort: ['memory'] }
  demand(judge(accepted, facts), accepted, facts)
})

t.test('best effort for one guarantee is none for another', async (t) => {
  const written: Policy = {
    ...policy,
    bestEffort: ['memory'],
    limits: { ...policy.limits, cpuPercent: { value: 10, written: true } },
  }
  t.throws(() => demand(judge(written, facts), written, facts), { message: /max_cpu_percent/ })
})

t.test('limits that nobody wrote are best effort, and labelled', async (t) => {
  demand(judge(policy, facts), policy, facts)
  t.same(
    judge(policy, facts)
      .filter(({ strength }) => strength !== 'full')
      .map(({ guarantee, strength }) => `${guarantee} ${strength}`),
    ['memory partial', 'cpu partial'],
  )
})

t.test('processes are counted exactly from Linux 5.14 on', async (t) => {
  const pids = (kernel: string) =>
    judge(policy, { ...facts, kernel }).find(({ guarantee }) => guarantee === 'pids')?.strength
  t.same(['5.13.9', '5.14.0', '5.4', '6.1.0-50-amd64', '10.0'].map(pids), [
    'partial',
    'full',
    'partial',
    'full',
    'full',
  ])
})

t.test('an unconfined server has no guarantee at all', async (t) => {
  t.ok(unconfinedVerdicts().every(({ strength }) => strength === 'none'))
})
