/**
 * Looks at the host's file system: off the main thread, and each look with a deadline, since a path on a dead network
 * file system never answers. What is absent or forbidden is `null`.
 */
import type { Dirent, Stats } from 'node:fs'
import { access, constants, lstat, open, opendir, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { McpoError } from '../errors.ts'

const lookTimeoutMs = 5000
const maxFileBytes = 256 * 1024

export const lookAt = (path: string): Promise<Stats | null> => look(path, stat(path))

/** Without following a symbolic link. */
export const lookAtLink = (path: string): Promise<Stats | null> => look(path, lstat(path))

export const realPathOf = (path: string): Promise<string | null> => look(path, realpath(path))

export const linkTarget = (path: string): Promise<string | null> => look(path, readlink(path))

export const namesIn = async (folder: string): Promise<string[]> => (await look(folder, readdir(folder))) ?? []

/** At most `most` entries, in no order. */
export const entriesIn = async (folder: string, most: number): Promise<Dirent[]> =>
  (await look(folder, readEntries(folder, most))) ?? []

export const isExecutable = async (path: string): Promise<boolean> => {
  const stats = await lookAt(path)
  if (stats === null || !stats.isFile()) return false
  return (
    (await look(
      path,
      access(path, constants.X_OK).then(() => true),
    )) ?? false
  )
}

export const isWritable = async (path: string): Promise<boolean> =>
  (await look(
    path,
    access(path, constants.W_OK).then(() => true),
  )) ?? false

/** The first `bytes` of a regular file; `null` for everything else, so that no pipe or device is ever opened. */
export async function headOf(path: string, bytes: number): Promise<string | null> {
  const stats = await lookAt(path)
  if (stats === null || !stats.isFile()) return null
  return look(path, readHead(path, bytes))
}

/** A program in this machine's own format. */
export async function isProgram(path: string): Promise<boolean> {
  return (await isExecutable(path)) && ((await headOf(path, 4)) ?? '').startsWith('\x7fELF')
}

/** The whole of a small text file. */
export async function textOf(path: string): Promise<string | null> {
  const stats = await lookAt(path)
  if (stats === null || !stats.isFile() || stats.size > maxFileBytes) return null
  return look(path, readFile(path, 'utf8'))
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
    timer = setTimeout(() => reject(timedOut(path)), lookTimeoutMs)
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
  return new McpoError('SANDBOX_ERROR', `looking at ${path} took longer than ${lookTimeoutMs} ms`, {
    hint: 'it may be on a network file system that does not answer; take it out of the configuration, or mount it again',
    data: { step: 'look', errno: 'TIMEOUT', path },
  })
}
