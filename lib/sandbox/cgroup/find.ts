/** Where this process is in the cgroup v2 tree, from what the kernel says of it. Pure. */
import { posix } from 'node:path'
import { isInside } from '../../policy/paths.ts'

export interface OwnGroup {
  /** Where the tree is mounted. */
  readonly mount: string
  /** The folder of our own group, at or below `mount`. */
  readonly folder: string
  readonly isReadOnly: boolean
}

interface Mount {
  readonly root: string
  readonly point: string
  readonly isReadOnly: boolean
}

/** `cgroup`: /proc/self/cgroup; `mountinfo`: /proc/self/mountinfo (proc(5)). */
export function findOwnGroup(cgroup: string, mountinfo: string): OwnGroup | 'absent' | 'elsewhere' {
  const mounts = mountinfo.split('\n').flatMap(mountOf)
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1]
  if (mounts.length === 0 || path === undefined) return 'absent'
  // Above the root of our cgroup namespace, or removed meanwhile.
  if (path.split('/').includes('..') || path.endsWith(' (deleted)')) return 'elsewhere'
  const own = mounts.flatMap((mount) => at(mount, path))
  return own.find(({ isReadOnly }) => !isReadOnly) ?? own[0] ?? 'elsewhere'
}

/** Where cgroup trees of either version are mounted beside /sys, which no sandbox has. */
export function cgroupMountsOutsideSys(mountinfo: string): string[] {
  const points = mountinfo.split('\n').filter((line) => / - cgroup2? /.test(line))
  return points.map((line) => unescaped(line.split(' ')[4] ?? '')).filter((point) => !isInside(point, '/sys'))
}

/** `36 35 0:30 ROOT POINT rw,nosuid … - cgroup2 SOURCE rw,…` */
function mountOf(line: string): Mount[] {
  const [mount = '', fileSystem = ''] = line.split(' - ')
  const [, , , root, point, options = ''] = mount.split(' ')
  if (!fileSystem.startsWith('cgroup2 ') || root === undefined || point === undefined) return []
  const isReadOnly = [options, fileSystem.split(' ')[2] ?? ''].some((list) => list.split(',').includes('ro'))
  return [{ root: unescaped(root), point: unescaped(point), isReadOnly }]
}

function at({ root, point, isReadOnly }: Mount, path: string): OwnGroup[] {
  const below = posix.relative(root, path)
  if (below === '..' || below.startsWith('../')) return []
  return [{ mount: point, folder: posix.join(point, below), isReadOnly }]
}

/** Blanks and the like are `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
