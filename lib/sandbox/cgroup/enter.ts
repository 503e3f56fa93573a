/** Finds the part of the cgroup tree that is delegated to this process and makes it ready for servers. */
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { type CgroupController, type CgroupFacts, type CgroupLack, cgroupControllers } from '../../policy/host.ts'
import { type Asker, type Delegated, findDelegated, gatewayName } from './delegation.ts'
import { type CgroupFiles, ensureFolder, kernelFiles, processesIn } from './files.ts'
import { findOwnGroup } from './find.ts'
import { moveAll, removeStale } from './leave.ts'
import { Subtree } from './subtree.ts'

/** `subtree` is null exactly when there is no controller. */
export interface Cgroups {
  readonly facts: CgroupFacts
  readonly subtree: Subtree | null
}

const baseName = 'mcpo'
const lockPauseMs = 20
const maxLockPauses = 100

/**
 * Changes nothing where nothing is delegated. Where something is: moves this process (and others in the same group) into a
 * group of its own, enables the controllers and removes what killed gateways left. `Subtree.leave` takes it back.
 */
export async function enterCgroups(asker: Asker = thisProcess(), files: CgroupFiles = kernelFiles): Promise<Cgroups> {
  try {
    const delegated = await findPlace(asker, files)
    return 'reason' in delegated ? without(delegated) : await enter(delegated, files)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return without({ reason: 'refused', detail })
  }
}

export function without(lack: CgroupLack): Cgroups {
  return { facts: { controllers: [], lack }, subtree: null }
}

function thisProcess(): Asker {
  return {
    uid: process.getuid?.() ?? 0,
    pid: process.pid,
    hasSystemd: existsSync('/run/systemd/system'),
  }
}

async function findPlace(asker: Asker, files: CgroupFiles): Promise<Delegated | CgroupLack> {
  const texts = ['/proc/self/cgroup', '/proc/self/mountinfo'].map((file) => files.read(file))
  const [cgroup = '', mountinfo = ''] = await Promise.all(texts)
  const own = findOwnGroup(cgroup, mountinfo)
  if (typeof own === 'string') return { reason: own, detail: '' }
  if ((await controllersIn(posix.join(own.mount, 'cgroup.controllers'), files)).length === 0)
    return { reason: 'no-controllers', detail: own.mount }
  return findDelegated(own, asker, files)
}

async function enter(delegated: Delegated, files: CgroupFiles): Promise<Cgroups> {
  const offered = await controllersIn(posix.join(delegated.folder, 'cgroup.controllers'), files)
  if (offered.length === 0) return without({ reason: 'no-controllers', detail: delegated.folder })
  const base = posix.join(delegated.folder, baseName)
  const lock = await lockBase(base, files)
  try {
    await removeStale(base, files)
    await vacate(delegated, files)
    await enable(delegated.folder, offered, files)
    await enable(base, offered, files)
    const controllers = await holding(base, files)
    if (controllers.length === 0) throw new Error('swap is in use and not counted (memory.swap.max)')
    const missing = cgroupControllers.filter((each) => !controllers.includes(each))
    const lack: CgroupLack | null = missing.length === 0 ? null : { reason: 'missing', detail: missing.join(' ') }
    return { facts: { controllers, lack }, subtree: new Subtree({ delegated, base, controllers, lock }, files) }
  } catch (error) {
    await new Subtree({ delegated, base, controllers: offered, lock }, files).leave()
    throw error
  }
}

/** Shared with other gateways; one that leaves holds it alone for a moment, and may remove the folder. */
async function lockBase(base: string, files: CgroupFiles): Promise<number> {
  for (let pause = 0; pause < maxLockPauses; pause++) {
    await ensureFolder(base, files)
    const fd = files.lock(base, 'shared')
    if (fd !== null && (await files.isSame(fd, base))) return fd
    if (fd !== null) files.unlock(fd)
    await new Promise((resolve) => setTimeout(resolve, lockPauseMs))
  }
  throw new Error(`another gateway does not let go of ${base}`)
}

/** Groups below a group can have controllers only when it has no process itself. */
async function vacate({ folder, isTop }: Delegated, files: CgroupFiles): Promise<void> {
  if (isTop || (await processesIn(folder, files)).length === 0) return
  const gateway = posix.join(folder, gatewayName)
  await ensureFolder(gateway, files)
  await moveAll(folder, gateway, files)
}

/** One by one: the kernel takes a line as a whole or not at all. What cannot be enabled is missing; all of them, an error. */
async function enable(folder: string, controllers: readonly CgroupController[], files: CgroupFiles): Promise<void> {
  const file = posix.join(folder, 'cgroup.subtree_control')
  const enabled = await controllersIn(file, files)
  const wanted = controllers.filter((each) => !enabled.includes(each))
  const results = await Promise.allSettled(wanted.map((controller) => files.write(file, `+${controller}`)))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined && (await controllersIn(file, files)).length === 0) throw failed.reason
}

/** Memory that may go to a swap that is not counted is not bounded. */
async function holding(base: string, files: CgroupFiles): Promise<CgroupController[]> {
  const enabled = await controllersIn(posix.join(base, 'cgroup.subtree_control'), files)
  const countsSwap = await files.read(posix.join(base, 'memory.swap.max')).then(
    () => true,
    async () => (await files.read('/proc/swaps').catch(() => '')).trim().split('\n').length < 2,
  )
  return enabled.filter((controller) => controller !== 'memory' || countsSwap)
}

async function controllersIn(file: string, files: CgroupFiles): Promise<CgroupController[]> {
  const words = (await files.read(file)).trim().split(' ')
  return cgroupControllers.filter((controller) => words.includes(controller))
}
