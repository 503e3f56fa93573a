/** The cgroup tree as files: all that the rest of this folder knows of it. Tests put a tree of their own in its place. */
import { closeSync, constants, fstatSync, readFileSync, watch } from 'node:fs'
import { access, mkdir, readdir, rmdir, stat, writeFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { isMarkedDelegated, isNativeFailure, openLocked } from '../../native/index.ts'

/** Everything but `lock`, `unlock` and `kill` rejects with an error that has a `code`, as node:fs does. */
export interface CgroupFiles {
  read(file: string): Promise<string>
  write(file: string, text: string): Promise<void>
  /** Closed to other users (0700), so that nobody else can lock it. */
  makeFolder(folder: string): Promise<void>
  /** Of a group without processes and without groups below. */
  removeFolder(folder: string): Promise<void>
  foldersIn(folder: string): Promise<string[]>
  isWritable(path: string): Promise<boolean>
  /** systemd's mark on a group that it delegates. */
  isMarkedDelegated(folder: string): boolean
  /**
   * A descriptor of the folder that holds the lock until it is closed, by the end of this process at the latest; `null`
   * when another's lock is in the way, or when it is gone.
   */
  lock(folder: string, kind: 'shared' | 'exclusive'): number | null
  unlock(fd: number): void
  /** The descriptor is of what the path names now. */
  isSame(fd: number, folder: string): Promise<boolean>
  kill(pid: number): void
  /** Calls `onChange` each time the kernel says that the file has changed, until the function returned is called. */
  watch(file: string, onChange: () => void): () => void
}

export const kernelFiles: CgroupFiles = {
  // The kernel's own files answer at once.
  read: async (file) => readFileSync(file, 'utf8'),
  // Nothing is created or truncated: control files are there or they are not.
  write: (file, text) => writeFile(file, text, { flag: constants.O_WRONLY }),
  makeFolder: async (folder) => void (await mkdir(folder, { mode: 0o700 })),
  removeFolder: (folder) => rmdir(folder),
  async foldersIn(folder) {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  },
  isWritable: (path) =>
    access(path, constants.W_OK).then(
      () => true,
      () => false,
    ),
  isMarkedDelegated,
  lock(folder, kind) {
    const fd = openLocked(folder, kind)
    return isNativeFailure(fd) ? null : fd
  },
  unlock: closeSync,
  async isSame(fd, folder) {
    const there = await stat(folder).catch(() => null)
    const held = fstatSync(fd)
    return there !== null && there.ino === held.ino && there.dev === held.dev
  },
  kill(pid) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // ESRCH: it has ended already.
    }
  },
  watch(file, onChange) {
    const watcher = watch(file, { persistent: false }, onChange)
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  },
}

/** Whether or not it is there already. */
export async function ensureFolder(folder: string, files: CgroupFiles): Promise<void> {
  await files.makeFolder(folder).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error
  })
}

/** Ids as the kernel writes them; `0` is a process that our pid namespace does not show. */
export async function processesIn(folder: string, files: CgroupFiles): Promise<string[]> {
  const text = await files.read(posix.join(folder, 'cgroup.procs'))
  return text.split('\n').filter((pid) => pid !== '')
}

/** Of a flat-keyed file, `name value` a line; empty for a file of a controller that is not there. */
export async function counters(file: string, files: CgroupFiles): Promise<Map<string, number>> {
  const text = await files.read(file).catch(() => '')
  const pairs = text.split('\n').map((line): [string, number] => {
    const [name = '', value = ''] = line.split(' ')
    return [name, Number(value)]
  })
  return new Map(pairs)
}

/** `ENOENT`, `EBUSY`, …; empty for what is no system error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
