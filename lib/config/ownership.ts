/**
 * Who could change a file that the gateway trusts: its own mode and owner, and those of every folder and symbolic link
 * on the way to it. Access lists (ACL), which Node cannot read, are not seen.
 */
import type { Stats } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import { isAbsolute, join, parse, resolve, sep } from 'node:path'
import { type Accounts, isPrivateGroup, readAccounts } from './accounts.ts'

/** Why a file is not to be trusted, and what would make it so. */
export interface Distrust {
  readonly why: string
  readonly remedy: string
}

/** Everything passed on the way to a file, links resolved; the last one is the file. */
export interface Way {
  readonly steps: readonly Step[]
}

interface Step {
  readonly path: string
  readonly stats: Stats
  /** Holds the file, or a link to it, directly. */
  readonly isHolder: boolean
}

const maxSymlinks = 40
const maxSteps = 4096
const groupWrite = 0o020
const worldWrite = 0o002
const sticky = 0o1000

/** Resolves links one by one, so that each is seen. Rejects with the errno of the first thing that is not there. */
export async function wayTo(file: string): Promise<Way> {
  const { root } = parse(resolve(file))
  const steps: Step[] = []
  let folder = root
  let names = namesOf(resolve(file))
  let symlinks = 0
  while (names.length > 0 && steps.length < maxSteps) {
    const path = join(folder, names[0] ?? '')
    const isLast = names.length === 1
    steps.push({ path: folder, stats: await lstat(folder), isHolder: isLast })
    const stats = await lstat(path)
    names = names.slice(1)
    if (stats.isSymbolicLink()) {
      if (++symlinks > maxSymlinks) break
      const target = await readlink(path)
      steps.push({ path, stats, isHolder: false })
      if (isAbsolute(target)) folder = root
      names = [...namesOf(target), ...names]
    } else if (isLast) {
      steps.push({ path, stats, isHolder: false })
    } else {
      folder = path
    }
  }
  return { steps }
}

/**
 * The first reason not to trust what lies at the end of a way, or `null`. The folder that holds the file must be closed
 * to others; one further up may be open where it is sticky (/tmp), since nobody can then exchange what lies in it.
 */
export function findDistrust({ steps }: Way): Distrust | null {
  const uid = process.getuid?.()
  if (uid === undefined) return null
  const accounts = readAccounts()
  for (const step of steps) {
    const distrust = foreignOwner(step, uid) ?? openToOthers(step, accounts)
    if (distrust !== null) return distrust
  }
  return null
}

/** Whether others than the owner and his private group may read it. */
export function isReadableByOthers(stats: Stats): boolean {
  const groupMayRead = (stats.mode & 0o040) !== 0
  return (stats.mode & 0o004) !== 0 || (groupMayRead && !isPrivateGroup(stats.gid, stats.uid, readAccounts()))
}

function foreignOwner({ path, stats }: Step, uid: number): Distrust | null {
  if (stats.uid === 0 || stats.uid === uid) return null
  const reader = uid === 0 ? 'root' : `user ${uid}`
  return {
    why: `${path} belongs to user ${stats.uid}, who could change it, while this runs as ${reader}`,
    remedy: `Run as user ${stats.uid}, or give the file and its folder to ${reader} (chown).`,
  }
}

function openToOthers({ path, stats, isHolder }: Step, accounts: Accounts): Distrust | null {
  if (stats.isSymbolicLink()) return null
  if (!isHolder && stats.isDirectory() && (stats.mode & sticky) !== 0) return null
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0')
  if ((stats.mode & worldWrite) !== 0) {
    return { why: `${path} can be written by everyone (mode ${mode})`, remedy: `Run: chmod o-w ${path}` }
  }
  if ((stats.mode & groupWrite) === 0 || isPrivateGroup(stats.gid, stats.uid, accounts)) return null
  return {
    why: `${path} can be written by group ${stats.gid}, which is not its owner's private group (mode ${mode})`,
    remedy: `Run: chmod g-w ${path}`,
  }
}

function namesOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((name) => name !== '' && name !== '.')
}
