/**
 * Sockets with a path in the file system. Whoever listens there does what a server asks, with rights of its own (an engine of
 * containers, an agent that holds keys), and no read-only mount keeps a server from connecting.
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { McpoError } from '../errors.ts'
import type { ResolvedGrant } from '../policy/layout.ts'
import { foldersBetween, isBelow } from '../policy/paths.ts'
import { terminalSafe } from './events/words.ts'
import { lookAt, lookAtLink, realPathOf } from './look.ts'
import type { ScannedFolder } from './scan.ts'

/** Each takes a mount. */
const maxCovered = 256
const maxNotes = 8

export interface FoundSockets {
  /** Canonical paths of those that the server must not reach. */
  readonly covered: readonly string[]
  /** For the log. */
  readonly notes: readonly string[]
}

/**
 * Sockets below granted folders: those that somebody listens on are covered, and in what is granted read-only all. One of a name
 * that nobody listens on stays where the server may write, for it may be its own, left behind. Throws SANDBOX_ERROR where
 * there are more than can be covered.
 */
export async function socketsBelow(
  scans: readonly { readonly grant: ResolvedGrant; readonly folders: readonly ScannedFolder[] }[],
): Promise<FoundSockets> {
  const names = boundNames()
  const isLive = nameTest(names)
  const scanned = scans.flatMap(({ grant, folders }) => folders.flatMap(socketsOf).map((path) => ({ grant, path })))
  const [held, left] = [new Set<string>(), new Set<string>()]
  for (const { grant, path } of scanned) (grant.access === 'ro' || isLive(path) ? held : left).add(path)
  for (const path of await realPaths(names ?? []))
    if (scans.some(({ grant }) => isBelow(path, grant.path))) held.add(path)
  const grants = scans.map(({ grant }) => grant)
  const ways = await Promise.all([...held].map((path) => isOpenWay(path, grants)))
  const covered = [...held].filter((path, index) => ways[index] && !grants.some((grant) => grant.path === path)).sort()
  if (covered.length > maxCovered) throw tooMany(covered.length, 'the granted folders', maxCovered)
  const open = [...left].filter((path) => !held.has(path)).sort()
  return { covered, notes: [...notesOn(covered, coveredNote), ...notesOn(open, openNote)] }
}

/** The paths, canonical, of the sockets of this host that processes have bound; `null`: nobody can tell. */
export async function listeningSockets(): Promise<readonly string[] | null> {
  const names = boundNames()
  return names === null ? null : realPaths(names)
}

export function tooMany(count: number, where: string, most: number): McpoError {
  return new McpoError(
    'SANDBOX_ERROR',
    `${count} sockets are in ${where}, and ${most} are the most that can be covered`,
    {
      hint: 'grant the folders that the server works on instead',
      data: { step: 'sockets', errno: 'E2BIG' },
    },
  )
}

/** As they were bound: absolute or not, and perhaps in another mount namespace. */
function boundNames(): readonly string[] | null {
  try {
    const table = readFileSync('/proc/self/net/unix', 'utf8')
    const names = table.split('\n').map((line) => /^(?:\S+ +){7}([^@].*)$/.exec(line)?.[1] ?? '')
    return [...new Set(names)].filter((name) => name !== '' && name !== 'Path')
  } catch {
    return null
  }
}

/** By the last part alone: the path before it may have led there otherwise. */
function nameTest(names: readonly string[] | null): (path: string) => boolean {
  if (names === null) return () => true
  const known = new Set(names.map((name) => basename(name)))
  return (path) => known.has(basename(path))
}

/** Of those that are there, and that this user can get at. Many sockets share few folders. */
async function realPaths(names: readonly string[]): Promise<string[]> {
  const absolute = names.filter((name) => name.startsWith('/'))
  const folders = [...new Set(absolute.map((name) => dirname(name)))]
  const real = new Map(await Promise.all(folders.map(async (folder) => [folder, await realPathOf(folder)] as const)))
  const paths = absolute.map(async (name) => {
    const path = join(real.get(dirname(name)) ?? '/', basename(name))
    return (await lookAtLink(path))?.isSocket() === true ? [path] : []
  })
  return [...new Set((await Promise.all(paths)).flat())].sort()
}

function socketsOf({ path, entries }: ScannedFolder): string[] {
  return entries.filter((entry) => entry.isSocket()).map(({ name }) => join(path, name))
}

/** Whether the server may pass, or open for itself, all folders in between: where not it needs no cover, and could have none. */
async function isOpenWay(path: string, grants: readonly ResolvedGrant[]): Promise<boolean> {
  const grant = grants.find((each) => isBelow(path, each.path))
  if (grant === undefined) return true
  const owner = (await lookAt(grant.path))?.uid
  const between = await Promise.all(foldersBetween(grant.path, path).map(lookAt))
  return between.every((folder) => folder !== null && (folder.uid === owner || (folder.mode & 0o001) !== 0))
}

function notesOn(paths: readonly string[], note: (path: string) => string): string[] {
  const shown = paths.slice(0, maxNotes).map((path) => note(terminalSafe(path)))
  return paths.length <= maxNotes ? shown : [...shown, `and so ${paths.length - maxNotes} other sockets`]
}

function coveredNote(path: string): string {
  return `the server cannot connect to the socket ${path}: who listens there has rights of its own; grant it by its own path if that is what is meant`
}

function openNote(path: string): string {
  return `the server can connect to the socket ${path}, and to what may listen there: grant a folder without it`
}
