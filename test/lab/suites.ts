import type { Kernel } from './kernels.ts'
import type { GuestUser } from './users.ts'

/** Tests for guests: compiled files below dist/test, each run by itself. */
export interface Suite {
  readonly name: string
  readonly files: readonly string[]
  /** What the guest's first process is: the command's starter, or the init of a whole Debian. */
  readonly boots: 'command' | 'systemd'
  /** See `Job.sysctls`. */
  readonly sysctls: Readonly<Record<string, number>>
  /** Whether it is for this kernel. */
  readonly fits: (kernel: Kernel) => boolean
  /** Without: for every user. */
  readonly only?: GuestUser['name']
}

const isTooOld = ({ lacks }: Kernel): boolean => lacks.includes('mount_setattr')
const startsServers = (kernel: Kernel): boolean => !isTooOld(kernel)
/** A processor in software takes minutes to break a limit, and says little on shares of time. */
const isQuick = (kernel: Kernel): boolean => startsServers(kernel) && kernel.machine === 'uml'

const suites: readonly Suite[] = [
  {
    name: 'mechanisms',
    boots: 'command',
    files: ['lab/suites/mechanisms', 'lab/suites/doctor'],
    sysctls: {},
    fits: startsServers,
  },
  {
    name: 'no-user-namespaces',
    boots: 'command',
    files: ['lab/suites/no-user-namespaces'],
    sysctls: { 'user.max_user_namespaces': 0 },
    fits: startsServers,
  },
  {
    name: 'cgroup',
    boots: 'command',
    files: ['lab/suites/cgroup-birth', 'lab/suites/cgroup-ends'],
    sysctls: {},
    fits: startsServers,
  },
  {
    name: 'cgroup-limits',
    boots: 'command',
    files: ['lab/suites/cgroup-limits', 'lab/suites/cgroup-cpu'],
    sysctls: {},
    fits: isQuick,
  },
  { name: 'cgroup-kill', boots: 'command', files: ['lab/suites/cgroup-kill'], sysctls: {}, fits: () => true },
  { name: 'too-old', boots: 'command', files: ['lab/suites/too-old'], sysctls: {}, fits: isTooOld },
  {
    name: 'containers',
    boots: 'command',
    files: ['lab/suites/container-limits'],
    sysctls: {},
    fits: isQuick,
    only: 'root',
  },
  {
    name: 'systemd',
    boots: 'systemd',
    files: ['lab/suites/systemd-service'],
    sysctls: {},
    fits: isQuick,
    only: 'root',
  },
  {
    name: 'systemd-directives',
    boots: 'systemd',
    files: ['lab/suites/systemd-directives'],
    sysctls: {},
    fits: isQuick,
    only: 'root',
  },
  {
    name: 'systemd-user',
    boots: 'systemd',
    files: ['lab/suites/systemd-user'],
    sysctls: {},
    fits: isQuick,
    only: 'user',
  },
]

/** All of them without names. Throws on a name that there is not. */
export function chooseSuites(names: readonly string[]): readonly Suite[] {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name))
  if (unknown.length > 0) {
    throw new Error(`no suite is called ${unknown.join(', ')}; there are ${suites.map(({ name }) => name).join(', ')}`)
  }
  return names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name))
}
