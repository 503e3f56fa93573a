/**
 * Which part of the cgroup tree is ours to use. What systemd marked (Delegate=yes) is. Without systemd it is our own group:
 * of an ordinary user, where the kernel lets him; of root, who may write everywhere, where there is nobody else to ask.
 */
import { posix } from 'node:path'
import type { CgroupLack } from '../../policy/host.ts'
import { type CgroupFiles, processesIn } from './files.ts'
import type { OwnGroup } from './find.ts'

/** Where this gateway and whatever else was in the delegated group live, beside its servers. */
export const gatewayName = 'mcpo-gateway'

export interface Delegated {
  readonly folder: string
  /** The root of the whole tree, which may hold processes beside groups. */
  readonly isTop: boolean
}

export interface Asker {
  readonly uid: number
  readonly pid: number
  /** systemd runs this machine (sd_booted(3)). */
  readonly hasSystemd: boolean
}

export async function findDelegated(own: OwnGroup, asker: Asker, files: CgroupFiles): Promise<Delegated | CgroupLack> {
  if (own.isReadOnly) return { reason: 'read-only', detail: own.mount }
  const parent = posix.dirname(own.folder)
  // An mcpo before us moved whatever started us.
  if (posix.basename(own.folder) === gatewayName && own.folder !== own.mount) return judge(parent, asker, files)
  const verdict = await judge(own.folder, asker, files)
  if ('folder' in verdict || own.folder === own.mount || isUnit(own.folder)) return verdict
  // DelegateSubgroup= of systemd 254 starts a unit's processes one below what is delegated.
  return files.isMarkedDelegated(parent) ? judge(parent, asker, files) : verdict
}

async function judge(folder: string, asker: Asker, files: CgroupFiles): Promise<Delegated | CgroupLack> {
  const isTop = await files.read(posix.join(folder, 'cgroup.type')).then(
    () => false,
    () => true,
  )
  const no: CgroupLack = { reason: 'not-delegated', detail: folder }
  if (!(await isWritable(folder, files))) return no
  if (files.isMarkedDelegated(folder) || !asker.hasSystemd) return { folder, isTop }
  if (asker.uid === 0) return no
  // Before systemd 251 an ordinary user cannot see the mark.
  const pids = await processesIn(folder, files)
  if (pids.some((pid) => Number(pid) !== asker.pid)) return { reason: 'occupied', detail: folder }
  return { folder, isTop }
}

async function isWritable(folder: string, files: CgroupFiles): Promise<boolean> {
  const paths = [folder, posix.join(folder, 'cgroup.procs'), posix.join(folder, 'cgroup.subtree_control')]
  return (await Promise.all(paths.map((path) => files.isWritable(path)))).every(Boolean)
}

/** systemd's own folders: what is above one of them is the manager's. */
function isUnit(folder: string): boolean {
  return /\.(service|scope|slice)$/.test(folder)
}
