/** Off the main thread, and each look with a deadline: a path on a dead network file system never answers. */
import { constants, type Dirent } from 'node:fs'
import { access, lstat, open, opendir, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { McpoError } from '../../errors.ts'
import type { Reads } from './reads.ts'

const timeoutMs = 5000

export const aside: Reads = {
  stat: (path) => look(path, stat(path)),
  lstat: (path) => look(path, lstat(path)),
  realpath: (path) => look(path, realpath(path)),
  readlink: (path) => look(path, readlink(path)),
  access: (path, mode) =>
    look(
      path,
      access(path, mode).then(() => true as const),
    ),
  names: (folder) => look(folder, readdir(folder)),
  entries: (folder, most) => look(folder, readEntries(folder, most)),
  head: (path, bytes) => look(path, readHead(path, bytes)),
  text: (path) => look(path, readFile(path, 'utf8')),
}

async function readEntries(folder: string, most: number): Promise<Dirent[]> {
  const entries: Dirent[] = []
  for await (const entry of await opendir(folder)) {
    entries.push(entry)
    if (entries.length === most) break
  }
  return entries
}

async function readHead(path: string, bytes: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(bytes), position: 0 })
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}

async function look<T>(path: string, answer: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(path)), timeoutMs)
  })
  try {
    return await Promise.race([answer, deadline])
  } catch (error) {
    if (error instanceof McpoError) throw error
    return null
  } finally {
    clearTimeout(timer)
  }
}

function timedOut(path: string): McpoError {
  return new McpoError('SANDBOX_ERROR', `looking at ${path} took longer than ${timeoutMs} ms`, {
    hint: 'it may be on a network file system that does not answer; take it out of the configuration, or mount it again',
    data: { step: 'look', errno: 'TIMEOUT', path },
  })
}
