import type { Kernel } from './kernels.ts'

/** Tests for guests: compiled files below dist/test, each run by itself. */
export interface Suite {
  readonly name: string
  readonly files: readonly string[]
  /** See `Job.sysctls`. */
  readonly sysctls: Readonly<Record<string, number>>
  /** Whether it is for this kernel. */
  readonly fits: (kernel: Kernel) => boolean
}

const isTooOld = ({ lacks }: Kernel): boolean => lacks.includes('mount_setattr')
const startsServers = (kernel: Kernel): boolean => !isTooOld(kernel)
/** A processor in software takes minutes to break a limit, and says little on shares of time. */
const isQuick = (kernel: Kernel): boolean => startsServers(kernel) && kernel.machine === 'uml'

const suites: readonly Suite[] = [
  { name: 'mechanisms', files: ['lab/suites/mechanisms', 'lab/suites/doctor'], sysctls: {}, fits: startsServers },
  {
    name: 'no-user-namespaces',
    files: ['lab/suites/no-user-namespaces'],
    sysctls: { 'user.max_user_namespaces': 0 },
    fits: startsServers,
  },
  { name: 'cgroup', files: ['lab/suites/cgroup-birth', 'lab/suites/cgroup-ends'], sysctls: {}, fits: startsServers },
  { name: 'cgroup-limits', files: ['lab/suites/cgroup-limits'], sysctls: {}, fits: isQuick },
  { name: 'cgroup-kill', files: ['lab/suites/cgroup-kill'], sysctls: {}, fits: () => true },
  { name: 'too-old', files: ['lab/suites/too-old'], sysctls: {}, fits: isTooOld },
]

/** All of them without names. Throws on a name that there is not. */
export function chooseSuites(names: readonly string[]): readonly Suite[] {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name))
  if (unknown.length > 0) {
    throw new Error(`no suite is called ${unknown.join(', ')}; there are ${suites.map(({ name }) => name).join(', ')}`)
  }
  return names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name))
}
