import t from 'tap'
import type { Plan } from '../../../lib/policy/plan.ts'
import { missingFrom, readProof } from '../../../lib/sandbox/proof.ts'

const none = '0000000000000000'
const ids = '1000 1000 1000 1000'
const acts = [
  ...['new-user-namespace', 'clone3', 'mount', 'trace-init', 'read-init', 'root-of-init', 'write-setting', 'keyring'],
  ...['bpf', 'io-uring', 'file-by-handle', 'setuid-bit', 'machine-socket', 'become-root', 'signal-init', 'reach-out'],
]

/** What a launcher says that did all that the plan below asks. */
const facts: Readonly<Record<string, string>> = {
  Uid: ids,
  Gid: ids,
  CapInh: none,
  CapPrm: none,
  CapEff: none,
  CapBnd: none,
  CapAmb: none,
  NoNewPrivs: '1',
  Seccomp: '2',
  TracerPid: '0',
  uid_map: '1000 61184 1',
  gid_map: '1000 61184 1',
  namespaces: 'user mnt pid ipc uts cgroup net',
  Landlock: 'proved',
  ...Object.fromEntries(acts.map((act) => [`refused.${act}`, '1'])),
}

const plan: Plan = {
  hostname: 'srv',
  hostUid: 61_184,
  userNamespace: true,
  shareNetwork: false,
  egress: null,
  root: 'minimal',
  mounts: [],
  landlock: { handledFs: 0xffff, scoped: 3, rules: [] },
  rlimits: [],
  executable: '/bin/true',
  argv: ['true'],
  environment: [],
  cwd: '/',
  watch: null,
  dryRun: false,
}

function missing(said: Readonly<Record<string, string>>, changes: Partial<Plan> = {}): string | null {
  return missingFrom(readProof(said), { ...plan, ...changes }, { uid: 12, gid: 13 })
}

t.test('what proves all that the plan asks is taken', async (t) => {
  t.equal(missing(facts), null)
  t.strictSame(readProof({ Seccomp: '2', 'refused.mount': '1' }), {
    found: { Seccomp: '2' },
    refused: { mount: 'EPERM' },
  })
})

for (const name of Object.keys(facts)) {
  t.test(`without ${name}, or with another, it is not`, async (t) => {
    const { [name]: left, ...rest } = facts
    t.type(left, 'string')
    t.type(missing(rest), 'string')
    if (!name.startsWith('refused.')) t.type(missing({ ...facts, [name]: 'other' }), 'string')
  })
}

t.test('what is missing is said', async (t) => {
  t.equal(missing({ ...facts, NoNewPrivs: '0' }), 'NoNewPrivs is 0 instead of 1')
  t.equal(missing({ ...facts, Landlock: 'absent' }), 'Landlock is absent')
  t.equal(missing({ ...facts, Landlock: 'untried' }), null, 'no private folder to try it in')
  const { 'refused.bpf': bpf, ...rest } = facts
  t.equal(bpf, '1')
  t.equal(missing(rest), 'bpf was not tried')
})

t.test('what the plan does not ask for need not be proved', async (t) => {
  const { 'refused.reach-out': reachOut, 'refused.signal-init': signalInit, ...rest } = facts
  t.same([reachOut, signalInit], ['1', '1'])
  const shared = { ...rest, namespaces: 'user mnt pid ipc uts cgroup', Landlock: 'absent' }
  t.equal(missing(shared, { shareNetwork: true, landlock: null }), null)
  t.equal(
    missing(rest, { landlock: null, shareNetwork: true }),
    `namespaces is ${facts['namespaces']} instead of user mnt pid ipc uts cgroup`,
  )
  t.equal(missing({ ...facts, uid_map: '1000 12 1', gid_map: '1000 13 1' }, { hostUid: null }), null)
  t.match(missing(facts, { hostUid: null }), /^uid_map is 1000 61184 1 instead of 1000 12 1$/)
})

t.test('without a user namespace the ids are those on the host, and there is no map', async (t) => {
  const { uid_map, gid_map, ...rest } = facts
  t.same([uid_map, gid_map], ['1000 61184 1', '1000 61184 1'])
  const own = '61184 61184 61184 61184'
  const said = { ...rest, Uid: own, Gid: own, namespaces: 'mnt pid ipc uts cgroup net' }
  t.equal(missing(said, { userNamespace: false }), null)
  t.match(missing({ ...said, Uid: ids }, { userNamespace: false }), /^Uid is 1000 1000 1000 1000 instead of 61184/)
  t.match(missing(said), /^Uid is 61184/)
})
