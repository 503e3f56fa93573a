/** What surrounds this gateway and may forbid it a sandbox, as /proc shows it: for the cause of a failure, never for a decision. */
import { textOf } from './look.ts'

export interface Surroundings {
  /** `null`: this kernel has none of that name. */
  readonly sysctls: Readonly<Record<SysctlName, number | null>>
  /** A system call filter from outside is in force, and will be for every server. */
  readonly isFiltered: boolean
  /** Effective capabilities, bit by bit (capability.h). */
  readonly capabilities: bigint
  /** User ids that exist here. */
  readonly ids: readonly IdRange[]
  /** What is mounted on top of parts of /proc. */
  readonly coveredProc: readonly string[]
  /** The systemd service that this process is part of. */
  readonly unit: string | null
}

export interface IdRange {
  readonly first: number
  readonly count: number
}

const sysctlFiles = {
  'user.max_user_namespaces': '/proc/sys/user/max_user_namespaces',
  'kernel.unprivileged_userns_clone': '/proc/sys/kernel/unprivileged_userns_clone',
  'kernel.apparmor_restrict_unprivileged_userns': '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
} as const

export type SysctlName = keyof typeof sysctlFiles

/** Where /proc does not answer, nothing is known to stand in the way. */
export async function readSurroundings(): Promise<Surroundings> {
  const text = async (name: string): Promise<string> => (await textOf(`/proc/self/${name}`)) ?? ''
  return {
    sysctls: await readSysctls(),
    ...parseStatus(await text('status')),
    ids: parseIdMap(await text('uid_map')),
    ...parseMounts(await text('mountinfo')),
    unit: parseUnit(await text('cgroup')),
  }
}

async function readSysctls(): Promise<Record<SysctlName, number | null>> {
  const value = async (name: SysctlName): Promise<number | null> => {
    const found = await textOf(sysctlFiles[name])
    return found === null ? null : Number(found)
  }
  return {
    'user.max_user_namespaces': await value('user.max_user_namespaces'),
    'kernel.unprivileged_userns_clone': await value('kernel.unprivileged_userns_clone'),
    'kernel.apparmor_restrict_unprivileged_userns': await value('kernel.apparmor_restrict_unprivileged_userns'),
  }
}

/** Of /proc/self/status. */
export function parseStatus(status: string): Pick<Surroundings, 'isFiltered' | 'capabilities'> {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'
  return { isFiltered: /^Seccomp:\s*2$/m.test(status), capabilities: BigInt(`0x${effective}`) }
}

/** Of /proc/self/uid_map: first id here, first id outside, count. */
export function parseIdMap(map: string): IdRange[] {
  return [...map.matchAll(/^\s*(\d+)\s+\d+\s+(\d+)$/gm)].map(([, first, count]) => ({
    first: Number(first),
    count: Number(count),
  }))
}

/** Of /proc/self/mountinfo: the mount point is the fifth field, see proc(5). */
export function parseMounts(mountinfo: string): Pick<Surroundings, 'coveredProc'> {
  const points = mountinfo.split('\n').map((line) => line.split(' ')[4] ?? '')
  return { coveredProc: [...new Set(points.filter((point) => point.startsWith('/proc/')))].sort() }
}

/** Of /proc/self/cgroup. The manager of a user's own units is a service as well, and none that anybody wrote. */
export function parseUnit(cgroups: string): string | null {
  const names = cgroups.split('\n').flatMap((line) => line.split(':').slice(2).join(':').split('/'))
  return names.findLast((name) => name.endsWith('.service') && !name.startsWith('user@')) ?? null
}
