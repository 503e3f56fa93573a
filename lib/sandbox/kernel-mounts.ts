/**
 * File systems in which the kernel shows itself, its devices and everybody's processes, where they are mounted below a
 * folder that a policy grants: in the tree of a chroot, for instance. They are not data, and never granted.
 */
import { McpoError } from '../errors.ts'
import type { ResolvedGrant } from '../policy/layout.ts'
import { isBelow, isInside } from '../policy/paths.ts'
import type { Mount } from './mountinfo.ts'

const kernelTypes: ReadonlySet<string> = new Set([
  'proc',
  'sysfs',
  'devpts',
  'devtmpfs',
  'cgroup',
  'cgroup2',
  'debugfs',
  'tracefs',
  'securityfs',
  'selinuxfs',
  'smackfs',
  'configfs',
  'bpf',
  'pstore',
  'efivarfs',
  'binfmt_misc',
  'fusectl',
  'mqueue',
  'resctrl',
  'rpc_pipefs',
  'nfsd',
  'nsfs',
])

/** What is to be masked in these grants. Throws CONFIG_ERROR where a grant itself lies in such a file system. */
export function kernelMountsBelow(grants: readonly ResolvedGrant[], mounts: readonly Mount[]): string[] {
  for (const { path, written } of grants) {
    const around = mounts.filter(({ point }) => isInside(path, point))
    const shown = around.sort((a, b) => b.point.length - a.point.length)[0]
    if (shown !== undefined && kernelTypes.has(shown.type)) throw isKernels(written, shown.type)
  }
  const points = mounts.filter(({ type }) => kernelTypes.has(type)).map(({ point }) => point)
  return [...new Set(points)].filter((point) => grants.some(({ path }) => isBelow(point, path))).sort()
}

function isKernels(written: string, type: string): McpoError {
  return new McpoError('CONFIG_ERROR', `cannot grant ${written}: it is the kernel's (${type}), not data`, {
    hint: 'take it out of filesystem',
  })
}
