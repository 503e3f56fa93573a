/** At once: a system call of microseconds instead of a trip to another thread. Without a deadline: see `mounts-that-hang.ts`. */
import {
  accessSync,
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  opendirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import type { Reads } from './reads.ts'

// An exception of what is merely absent costs as much as three answers.
const calm = { throwIfNoEntry: false } as const

export const direct: Reads = {
  stat: (path) => orNull(() => statSync(path, calm) ?? null),
  lstat: (path) => orNull(() => lstatSync(path, calm) ?? null),
  realpath: (path) => orNull(() => (statSync(path, calm) === undefined ? null : realpathSync.native(path))),
  readlink: (path) => orNull(() => readlinkSync(path)),
  access: (path, mode) =>
    orNull(() => {
      accessSync(path, mode)
      return true
    }),
  names: (folder) => orNull(() => readdirSync(folder)),
  entries: (folder, most) => orNull(() => readEntries(folder, most)),
  head: (path, bytes) => orNull(() => readHead(path, bytes)),
  text: (path) => orNull(() => readFileSync(path, 'utf8')),
}

function readEntries(path: string, most: number): Dirent[] {
  const folder = opendirSync(path)
  try {
    const entries: Dirent[] = []
    for (let entry = folder.readSync(); entry !== null && entries.length < most; entry = folder.readSync()) {
      entries.push(entry)
    }
    return entries
  } finally {
    folder.closeSync()
  }
}

function readHead(path: string, bytes: number): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const buffer = Buffer.alloc(bytes)
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, bytes, 0))
  } finally {
    closeSync(fd)
  }
}

function orNull<T>(read: () => T | null): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
