/** What the last gateway of a delegated group takes back when it ends, and what a start finds of those that were killed. */
import { posix } from 'node:path'
import type { CgroupController } from '../../policy/host.ts'
import { gatewayName } from './delegation.ts'
import { endGroup } from './end.ts'
import { type CgroupFiles, codeOf, processesIn } from './files.ts'

interface Place {
  readonly delegated: { readonly folder: string; readonly isTop: boolean }
  readonly base: string
  readonly controllers: readonly CgroupController[]
}

/** Ends and removes the groups of servers whose gateway is gone: nobody holds their locks. */
export async function removeStale(base: string, files: CgroupFiles): Promise<void> {
  for (const name of await files.foldersIn(base)) {
    const folder = posix.join(base, name)
    const fd = files.lock(folder, 'exclusive')
    if (fd === null) continue
    await endGroup(folder, files).catch(() => false)
    files.unlock(fd)
  }
}

/** As it was before the first gateway came. Whatever cannot be taken back stays; another gateway may be using it. */
export async function leaveBehindNothing({ delegated, base, controllers }: Place, files: CgroupFiles): Promise<void> {
  const lock = files.lock(base, 'exclusive')
  if (lock === null) return
  try {
    await removeStale(base, files)
    if ((await files.foldersIn(base)).length > 0) return
    await disable(base, controllers, files)
    if (!delegated.isTop) await moveBack(delegated.folder, controllers, files)
    await files.removeFolder(base)
  } finally {
    files.unlock(lock)
  }
}

/** Only where nobody else made groups of his own. */
async function moveBack(folder: string, controllers: readonly CgroupController[], files: CgroupFiles): Promise<void> {
  const gateway = posix.join(folder, gatewayName)
  const below = await files.foldersIn(folder)
  if (below.length !== 2 || !below.includes(gatewayName)) return
  await disable(folder, controllers, files)
  await moveAll(gateway, folder, files)
  await files.removeFolder(gateway)
}

async function disable(folder: string, controllers: readonly CgroupController[], files: CgroupFiles): Promise<void> {
  const line = controllers.map((controller) => `-${controller}`).join(' ')
  await files.write(posix.join(folder, 'cgroup.subtree_control'), line)
}

const maxRounds = 10

/** One process after the other, until no more come. */
export async function moveAll(from: string, to: string, files: CgroupFiles): Promise<void> {
  for (let round = 0; round < maxRounds; round++) {
    const pids = await processesIn(from, files)
    if (pids.length === 0) return
    for (const pid of pids) {
      await files.write(posix.join(to, 'cgroup.procs'), pid).catch((error: unknown) => {
        // It has ended meanwhile.
        if (codeOf(error) !== 'ESRCH') throw error
      })
    }
  }
}
