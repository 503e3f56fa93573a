/**
 * What a launcher found when it looked at itself from inside, against what the plan demands of it. A launcher refuses by itself
 * what does not hold (native/linux/launch/proof); this is for one that proves something else, or less, than is asked here.
 */
import { errnoName } from '../native/index.ts'
import type { Plan } from '../policy/plan.ts'
import type { Proof } from './model.ts'

const refusedPrefix = 'refused.'
/** In a user namespace of its own. Without one a server has the id there that it has on the host. */
const insideId = 1000
const noCapability = '0000000000000000'
/** LANDLOCK_SCOPE_SIGNAL */
const scopeSignal = 2

const alwaysFound: Readonly<Record<string, string>> = {
  CapInh: noCapability,
  CapPrm: noCapability,
  CapEff: noCapability,
  CapBnd: noCapability,
  CapAmb: noCapability,
  NoNewPrivs: '1',
  Seccomp: '2',
  TracerPid: '0',
}

const alwaysRefused: readonly string[] = [
  ...['new-user-namespace', 'clone3', 'mount', 'trace-init', 'read-init', 'root-of-init', 'write-setting', 'keyring'],
  ...['bpf', 'io-uring', 'file-by-handle', 'setuid-bit', 'machine-socket', 'become-root'],
]

/** From the launcher's `ready` record. */
export function readProof(facts: Readonly<Record<string, string>>): Proof {
  const found: Record<string, string> = {}
  const refused: Record<string, string> = {}
  for (const [name, value] of Object.entries(facts)) {
    if (name.startsWith(refusedPrefix)) refused[name.slice(refusedPrefix.length)] = errnoName(Number(value))
    else found[name] = value
  }
  return { found, refused }
}

/** Ids of the gateway. */
export interface Ids {
  readonly uid: number
  readonly gid: number
}

/** The first thing that the plan demands and the proof does not hold, in words; `null` when it holds all. */
export function missingFrom({ found, refused }: Proof, plan: Plan, ids: Ids): string | null {
  for (const [name, expected] of Object.entries(demandedOf(plan, ids))) {
    if (found[name] !== expected) return `${name} is ${found[name] ?? 'missing'} instead of ${expected}`
  }
  if (plan.landlock !== null && !['proved', 'untried'].includes(found['Landlock'] ?? ''))
    return `Landlock is ${found['Landlock'] ?? 'missing'}`
  const untried = actsOf(plan).find((act) => refused[act] === undefined)
  return untried === undefined ? null : `${untried} was not tried`
}

function demandedOf(plan: Plan, ids: Ids): Record<string, string> {
  const namespaces = ['mnt', 'pid', 'ipc', 'uts', 'cgroup', ...(plan.shareNetwork ? [] : ['net'])]
  const uid = plan.hostUid ?? ids.uid
  const gid = plan.hostUid ?? ids.gid
  if (!plan.userNamespace)
    return { ...alwaysFound, Uid: fourTimes(uid), Gid: fourTimes(gid), namespaces: namespaces.join(' ') }
  return {
    ...alwaysFound,
    Uid: fourTimes(insideId),
    Gid: fourTimes(insideId),
    uid_map: `${insideId} ${uid} 1`,
    gid_map: `${insideId} ${gid} 1`,
    namespaces: ['user', ...namespaces].join(' '),
  }
}

/** Real, effective, saved and that of the file system, as /proc/PID/status has them. */
function fourTimes(id: number): string {
  return Array(4).fill(id).join(' ')
}

function actsOf({ landlock, shareNetwork }: Plan): string[] {
  const scoped = landlock !== null && (landlock.scoped & scopeSignal) !== 0
  return [...alwaysRefused, ...(scoped ? ['signal-init'] : []), ...(shareNetwork ? [] : ['reach-out'])]
}
