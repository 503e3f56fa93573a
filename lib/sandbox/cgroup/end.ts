/** Ends every process of a group and removes its folder. */
import { posix } from 'node:path'
import { type CgroupFiles, codeOf, processesIn } from './files.ts'

const maxWaitMs = 5000
const maxPauseMs = 50

/** False when something in it does not end (a process in the kernel, on a dead file system): the folder stays then. */
export async function endGroup(folder: string, files: CgroupFiles): Promise<boolean> {
  const lastMs = performance.now() + maxWaitMs
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    if (await isRemoved(folder, files)) return true
    if (performance.now() > lastMs) return false
    await killAll(folder, files)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

async function isRemoved(folder: string, files: CgroupFiles): Promise<boolean> {
  try {
    await files.removeFolder(folder)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true
    // Somebody in it, or one who has ended and is not reaped yet.
    if (codeOf(error) === 'EBUSY') return false
    throw error
  }
}

async function killAll(folder: string, files: CgroupFiles): Promise<void> {
  try {
    await files.write(posix.join(folder, 'cgroup.kill'), '1')
  } catch (error) {
    // Linux 5.14 brought cgroup.kill.
    if (codeOf(error) === 'ENOENT') await killEach(folder, files)
  }
}

/** Frozen, so that none can fork away from the list. */
async function killEach(folder: string, files: CgroupFiles): Promise<void> {
  const freeze = (value: '0' | '1') => files.write(posix.join(folder, 'cgroup.freeze'), value)
  try {
    await freeze('1')
    const pids = (await processesIn(folder, files)).map(Number)
    for (const pid of pids.filter((each) => each > 0)) files.kill(pid)
    await freeze('0')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENODEV') throw error
  }
}
