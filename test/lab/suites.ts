import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Kernel } from './kernels.ts'
import { project } from './machine.ts'
import type { GuestUser } from './users.ts'

/** Tests for guests: compiled files below dist/test, each run by itself. */
export interface Suite {
  readonly name: string
  /** A name that ends with `.root` is for root alone. */
  readonly files: readonly string[]
  /** What the guest's first process is: the command's starter, or the init of a whole Debian. */
  readonly boots: 'command' | 'systemd'
  /** See `Job.sysctls`. */
  readonly sysctls: Readonly<Record<string, number>>
  /** Why it is not for this kernel; `null` where it is. */
  readonly reasonAgainst: (kernel: Kernel) => string | null
  /** The same for root alone. */
  readonly reasonAgainstRoot?: (kernel: Kernel) => string | null
  /** Without: for every user. */
  readonly only?: GuestUser['name']
}

const isTooOld = ({ lacks }: Kernel): boolean => lacks.includes('mount_setattr')
const needsSandboxes = (kernel: Kernel) => (isTooOld(kernel) ? 'no sandbox starts, see too-old' : null)
const needsNoSandbox = (kernel: Kernel) => (isTooOld(kernel) ? null : 'sandboxes start')
/** Starts that take a second take fifteen where the processor is software. */
const needsSpeed = (kernel: Kernel) =>
  needsSandboxes(kernel) ?? (kernel.machine === 'qemu' ? 'too many starts for a processor in software' : null)
/** What they grant lies on the guest's /tmp. */
const needsMappedTmpfs = ({ release }: Kernel) =>
  release === 'bookworm' ? 'a tmpfs is id-mapped since Linux 6.3, and so no file there is given to the server' : null
/** See .ci/run, "ends by force". */
const needsForks = (kernel: Kernel) =>
  kernel.name === 'uml-6.12' ? 'it panics now and then when a process is killed while it forks' : needsSpeed(kernel)

const plain = { boots: 'command', sysctls: {}, reasonAgainst: needsSandboxes } as const
const underSystemd = { boots: 'systemd', sysctls: {}, reasonAgainst: needsSpeed } as const

const suites: readonly Suite[] = [
  { ...plain, name: 'mechanisms', files: ['lab/suites/mechanisms', 'lab/suites/doctor'] },
  {
    ...plain,
    name: 'no-user-namespaces',
    files: ['lab/suites/no-user-namespaces'],
    sysctls: { 'user.max_user_namespaces': 0 },
  },
  { ...plain, name: 'egress', files: ['lab/suites/egress'] },
  {
    ...plain,
    name: 'egress-no-user-namespaces',
    files: ['lab/suites/egress'],
    sysctls: { 'user.max_user_namespaces': 0 },
    only: 'root',
  },
  { ...plain, name: 'cgroup', files: ['lab/suites/cgroup-birth', 'lab/suites/cgroup-ends'] },
  {
    ...plain,
    name: 'cgroup-limits',
    files: ['lab/suites/cgroup-limits', 'lab/suites/cgroup-cpu'],
  },
  { ...plain, name: 'cgroup-kill', files: ['lab/suites/cgroup-kill'], reasonAgainst: () => null },
  { ...plain, name: 'too-old', files: ['lab/suites/too-old'], reasonAgainst: needsNoSandbox },
  {
    ...plain,
    name: 'containers',
    files: ['lab/suites/container-limits', 'lab/suites/container-egress'],
    reasonAgainst: needsSpeed,
    only: 'root',
  },
  { ...underSystemd, name: 'systemd', files: ['lab/suites/systemd-service'], only: 'root' },
  { ...underSystemd, name: 'systemd-directives', files: ['lab/suites/systemd-directives'], only: 'root' },
  { ...underSystemd, name: 'systemd-user', files: ['lab/suites/systemd-user'], only: 'user' },
  { ...underSystemd, name: 'containers-user', files: ['lab/suites/container-limits'], only: 'user' },
  { ...underSystemd, name: 'docker', files: ['lab/suites/docker', 'lab/suites/docker-egress'], only: 'root' },
  // cgroup-limits has smaller bombs of memory: a page fault takes long under User Mode Linux.
  {
    ...threats('threat-process', /^(process-(?!fork|memory)|orphans|terminals|refusals)/),
    reasonAgainst: needsSpeed,
  },
  { ...threats('threat-forks', /^process-fork/), reasonAgainst: needsForks },
  {
    ...threats('threat-files', /^(fs|gateway-files)/),
    reasonAgainst: needsSpeed,
    reasonAgainstRoot: needsMappedTmpfs,
  },
  // The other attacks on the network want IPv6, which Debian's User Mode Linux has not.
  {
    ...threats('threat-rest', /^(descriptors|environment|ident|network-(abstract|host-without))/),
    reasonAgainst: needsSpeed,
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

/** Attacks on a sandbox: the files that CI runs on its own kernel. */
function threats(name: string, chosen: RegExp): Suite {
  const files = readdirSync(join(project, 'dist/test/threat')).filter((file) => file.endsWith('.test.js'))
  const names = files.filter((file) => chosen.test(file)).sort()
  return { ...plain, name, files: names.map((file) => `threat/${file.slice(0, -'.test.js'.length)}`) }
}
