/** What each guarantee amounts to under a policy on this host, and whether that is enough to start. */
import { McpoError } from '../errors.ts'
import { lackInWords } from './cgroup.ts'
import { demandHeld } from './demand.ts'
import { type CgroupController, cgroupControllers, type HostFacts } from './host.ts'
import { type Guarantee, guarantees, type Policy, type Strength, type Verdict } from './model.ts'
import { egressOf } from './network/compile.ts'
import { fullFilesystem } from './relax/full.ts'
import { hostReadonly } from './relax/host-readonly.ts'
import { inheritEnvironment } from './relax/inherit-environment.ts'
import { networkHost } from './relax/network-host.ts'
import { allowPersistence } from './relax/persistence.ts'

const relaxations = [networkHost, hostReadonly, fullFilesystem, inheritEnvironment, allowPersistence]

/** What this host can hold of one guarantee, before the policy asks for less. */
interface Held {
  readonly strength: Strength
  readonly by: readonly string[]
  /** Unless full: what the host lacks, and what would make it full. */
  readonly why?: string
}

/** One verdict for each guarantee, in the order of `guarantees`. */
export function judge(policy: Policy, facts: HostFacts): readonly Verdict[] {
  return guarantees.map((guarantee) => verdict(guarantee, policy, facts))
}

/** Verdicts of a server that runs outside any sandbox because its configuration says so. */
export function unconfinedVerdicts(): readonly Verdict[] {
  return guarantees.map((guarantee) => ({
    guarantee,
    strength: 'none',
    by: [],
    why: 'the sandbox is switched off for this server',
    weakened: 'sandbox.enabled = false: the server can do whatever the gateway can',
  }))
}

/** Throws SANDBOX_ERROR when something that the policy asks for would be less than full, or when there is no system call filter. */
export function demand(verdicts: readonly Verdict[], policy: Policy, facts: HostFacts): void {
  if (!facts.seccompFilter) throw withoutSeccomp(policy)
  demandHeld(verdicts, policy, (guarantee) => remedyFor(guarantee, facts))
}

const noSeccomp = 'the kernel has no seccomp filter (CONFIG_SECCOMP_FILTER)'

/** No best effort: other guarantees stand on the filter too, and the launcher does not start a server without. */
function withoutSeccomp({ name }: Policy): McpoError {
  return new McpoError(
    'SANDBOX_ERROR',
    `cannot start ${name}: the guarantee kernel-surface cannot be held here: ${noSeccomp}`,
    {
      hint: 'use a kernel with CONFIG_SECCOMP_FILTER; no best_effort stands in for it',
      data: { guarantee: 'kernel-surface', strength: 'none', server: name },
    },
  )
}

function verdict(guarantee: Guarantee, policy: Policy, facts: HostFacts): Verdict {
  const { strength, by, why } = held(guarantee, policy, facts)
  const relaxation = relaxations.find((each) => each.leaves[guarantee] !== undefined && each.applies(policy))
  const left = relaxation?.leaves[guarantee]
  return {
    guarantee,
    strength: left === undefined ? strength : weaker(strength, left),
    by: left === 'none' ? [] : by,
    ...(why === undefined ? {} : { why }),
    ...(relaxation === undefined ? {} : { weakened: `${relaxation.setting}: ${relaxation.risk}` }),
  }
}

function held(guarantee: Guarantee, policy: Policy, facts: HostFacts): Held {
  switch (guarantee) {
    case 'fs-read':
    case 'fs-write':
      return full([
        policy.filesystem.kind === 'host-readonly'
          ? 'mount namespace, host read-only'
          : 'mount namespace, minimal root',
        ...landlock(facts, 1),
        ...(facts.noUserNamespace === null ? [] : ["in granted paths the rights of the server's uid: no id-mapping"]),
      ])
    case 'network':
      return full(['network namespace with loopback only', 'seccomp socket families', ...wayOut(policy)])
    case 'process-isolation':
      return full(['pid, ipc, uts and cgroup namespaces', ...landlock(facts, 6)])
    case 'kernel-surface':
      return facts.seccompFilter
        ? full(['seccomp allow-list', 'read-only masked /proc, no /sys'])
        : { strength: 'none', by: [], why: noSeccomp }
    case 'privileges':
      return full(['no capabilities', 'no_new_privs', identity(facts)])
    case 'environment':
      return full(['built from nothing', 'descriptors above 2 closed'])
    case 'no-orphans':
      return full(['pid namespace', 'lifeline to the gateway'])
    case 'memory':
      return memory(policy, facts)
    case 'cpu':
      if (hasController(facts, 'cpu')) return full(['cpu.max of a control group of its own'])
      return {
        strength: 'partial',
        by: ['all processes together, looked at each 50 to 250 ms and stopped in turns'],
        why: without(
          facts,
          'the share of a processor holds only on average, and without what processes use that end between two looks and nobody waits for',
        ),
      }
    case 'pids':
      return pids(facts)
    case 'disk':
      return disk(policy, facts)
  }
}

/** What holds an allow-list. */
export function wayOut({ network, traffic: { uploadMb, downloadMb } }: Policy): string[] {
  const egress = egressOf(network)
  if (egress === null) return []
  const reached = egress.kind === 'public' ? 'public addresses' : `${egress.entries.length} listed destinations`
  const most = `${uploadMb.value} MiB out and ${downloadMb.value} MiB in`
  return [`the gateway connects to ${reached} only, and passes ${most} within 24 hours`]
}

function identity({ uid, noUserNamespace }: HostFacts): string {
  if (uid !== 0) return 'user namespace'
  return noUserNamespace === null ? "uid of this server's own" : "uid of this server's own, no user namespace"
}

function full(by: readonly string[]): Held {
  return { strength: 'full', by }
}

function landlock(facts: HostFacts, abi: number): string[] {
  if (facts.landlockAbi < abi) return []
  return [abi >= 6 ? 'Landlock scopes' : `Landlock ABI ${facts.landlockAbi}`]
}

function hasController({ cgroup }: HostFacts, controller: CgroupController): boolean {
  return cgroup.controllers.includes(controller)
}

/** Why a controller is not there, and what follows. */
function without({ cgroup, uid }: HostFacts, consequence: string): string {
  const cause = cgroup.lack === null ? 'this host lacks a controller' : lackInWords(cgroup.lack, uid).cause
  return `${cause}, and so ${consequence}`
}

function memory({ network }: Policy, facts: HostFacts): Held {
  if (hasController(facts, 'memory')) return full(['memory.max of a control group of its own'])
  return {
    strength: 'partial',
    by: ['RLIMIT_DATA of each process', 'sized tmpfs', 'a look at all processes together each 250 ms'],
    why: without(
      facts,
      `several processes together pass the limit for a moment, and memory files that none has mapped${network === 'host' ? ', and socket buffers,' : ''} are not counted`,
    ),
  }
}

/** RLIMIT_NPROC counts per user namespace since Linux 5.14; before, other servers of the same user count too. */
function pids(facts: HostFacts): Held {
  if (facts.noUserNamespace !== null) return pidsOfUid(facts)
  const rlimit = 'RLIMIT_NPROC of the user namespace'
  if (hasController(facts, 'pids')) return full(['pids.max of a control group of its own', rlimit])
  const by = [rlimit]
  if (isAtLeast(facts.kernel, 5, 14)) return full(by)
  return {
    strength: 'partial',
    by,
    why: `Linux ${facts.kernel} counts the processes of all servers of this user together; 5.14 and later do not`,
  }
}

function pidsOfUid(facts: HostFacts): Held {
  if (hasController(facts, 'pids')) return full(['pids.max of a control group of its own'])
  return full(["RLIMIT_NPROC of the server's uid, its copies together"])
}

/** The pages of a tmpfs count to the memory of the group that wrote them. */
function disk(policy: Policy, facts: HostFacts): Held {
  const by = [hasController(facts, 'memory') ? 'sized tmpfs, counted as memory' : 'sized tmpfs', 'RLIMIT_FSIZE']
  const writesHost =
    policy.filesystem.kind === 'full' ||
    (policy.filesystem.kind === 'paths' && policy.filesystem.grants.some((grant) => grant.access === 'rw'))
  if (!writesHost) return full(by)
  return {
    strength: 'partial',
    by,
    why: 'writable paths of the host have no quota; only the size of each file is bounded',
  }
}

function isAtLeast(kernel: string, major: number, minor: number): boolean {
  const [, hasMajor = '0', hasMinor = '0'] = /^(\d+)\.(\d+)/.exec(kernel) ?? []
  return Number(hasMajor) > major || (Number(hasMajor) === major && Number(hasMinor) >= minor)
}

function weaker(a: Strength, b: Strength): Strength {
  const order: readonly Strength[] = ['none', 'partial', 'full']
  return order.indexOf(a) < order.indexOf(b) ? a : b
}

function remedyFor(guarantee: Guarantee, { cgroup, uid }: HostFacts): string | null {
  const isOfCgroup = cgroupControllers.some((controller) => controller === guarantee)
  return isOfCgroup && cgroup.lack !== null ? lackInWords(cgroup.lack, uid).remedy : null
}
