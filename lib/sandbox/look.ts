/** Looks at the host's file system. What is absent or forbidden is `null`. */
import { constants, type Dirent, readFileSync, type Stats } from 'node:fs'
import { aside } from './look/aside.ts'
import { direct } from './look/direct.ts'
import { mayHang } from './look/mounts-that-hang.ts'
import type { Reads } from './look/reads.ts'

const maxFileBytes = 256 * 1024
let reads: () => Reads = () => aside

/** For a process with nothing else to do meanwhile. It changes nothing where a mount is there that may not answer. */
export function lookDirectly(): void {
  if (process.platform === 'linux' && !mayHang(readFileSync('/proc/self/mountinfo', 'utf8'))) reads = () => direct
}

export const lookAt = async (path: string): Promise<Stats | null> => reads().stat(path)

/** Without following a symbolic link. */
export const lookAtLink = async (path: string): Promise<Stats | null> => reads().lstat(path)

export const realPathOf = async (path: string): Promise<string | null> => reads().realpath(path)

export const linkTarget = async (path: string): Promise<string | null> => reads().readlink(path)

export const namesIn = async (folder: string): Promise<string[]> => (await reads().names(folder)) ?? []

/** At most `most` entries, in no order. */
export const entriesIn = async (folder: string, most: number): Promise<Dirent[]> =>
  (await reads().entries(folder, most)) ?? []

export const isExecutable = async (path: string): Promise<boolean> => {
  const stats = await lookAt(path)
  return stats?.isFile() === true && (await reads().access(path, constants.X_OK)) === true
}

export const isWritable = async (path: string): Promise<boolean> =>
  (await reads().access(path, constants.W_OK)) === true

/** The first `bytes` of a regular file; `null` for everything else, so that no pipe or device is ever opened. */
export async function headOf(path: string, bytes: number): Promise<string | null> {
  const stats = await lookAt(path)
  return stats?.isFile() === true ? reads().head(path, bytes) : null
}

/** A program in this machine's own format. */
export async function isProgram(path: string): Promise<boolean> {
  return (await isExecutable(path)) && ((await headOf(path, 4)) ?? '').startsWith('\x7fELF')
}

/** The whole of a small text file. */
export async function textOf(path: string): Promise<string | null> {
  const stats = await lookAt(path)
  return stats?.isFile() === true && stats.size <= maxFileBytes ? reads().text(path) : null
}
