/**
 * Where the names of `policy/persistence.ts` count below the folders that a policy grants for writing: in each granted
 * folder, in each repository, and, where they exist already, in all folders that the scan reaches.
 */
import { join } from 'node:path'
import type { GuardedPath, ResolvedGrant } from '../policy/layout.ts'
import {
  existingNames,
  type GuardedName,
  gitNames,
  homeNames,
  type PersistenceGuard,
  projectNames,
} from '../policy/persistence.ts'
import { homeFolders } from './credentials.ts'
import { entriesIn, lookAtLink } from './look.ts'
import { type ScannedFolder, scanFolders } from './scan.ts'
import { socketsBelow } from './sockets.ts'

/** Modules and work trees of one repository. */
const maxParts = 64

/** Each takes a mount and up to two descriptors of the launcher's. */
const maxGuarded = 400

export interface Found {
  readonly guarded: readonly GuardedPath[]
  /** Sockets that the server must not reach, for `HostLayout.masked`. */
  readonly covered: readonly string[]
  /** For the log: what is left open, and sockets. */
  readonly notes: readonly string[]
}

/** `grants`: of a policy, resolved. `allowed`: guards that the policy switches off. Throws SANDBOX_ERROR for too many sockets. */
export async function lookThroughGrants(
  grants: readonly ResolvedGrant[],
  allowed: readonly PersistenceGuard[],
): Promise<Found> {
  if (grants.length === 0) return { guarded: [], covered: [], notes: [] }
  const scans = await Promise.all(grants.map(async (grant) => ({ grant, ...(await scanFolders(grant.path)) })))
  const writable = scans.filter(({ grant }) => grant.access === 'rw')
  const homes = await homeFolders()
  const found = await Promise.all(writable.flatMap(({ folders }) => folders).map((each) => guardedIn(each, homes)))
  const wanted = found
    .flat()
    .filter(({ guard }) => !allowed.includes(guard))
    .sort((a, b) => rank(a) - rank(b))
  const guarded = [...new Map(wanted.map(({ path, text }) => [path, { path, text }])).values()]
  const sockets = await socketsBelow(scans)
  const notes = [
    ...writable.filter(({ isPartial }) => isPartial).map(({ grant }) => partlyGuarded(grant)),
    ...(guarded.length > maxGuarded ? [leftOpen(guarded.length - maxGuarded)] : []),
    ...sockets.notes,
  ]
  return { covered: sockets.covered, guarded: guarded.slice(0, maxGuarded), notes }
}

/** What holds a repository comes first, should there be too many. */
function rank({ guard }: Guarded): number {
  return guard === 'git' ? 0 : 1
}

function partlyGuarded({ path }: ResolvedGrant): string {
  return `${path} is large: far down in it, git hooks and settings of editors and agents that the server may write are not guarded`
}

function leftOpen(count: number): string {
  return `${count} names in the granted folders (settings of editors and agents, start files, git hooks) are not guarded: ${maxGuarded} are the most; grant fewer repositories`
}

type Guarded = GuardedPath & { readonly guard: PersistenceGuard }

async function guardedIn(folder: ScannedFolder, homes: readonly string[]): Promise<Guarded[]> {
  const names = new Map(folder.entries.map((entry) => [entry.name, entry]))
  const git = names.get('.git')
  const taken = [
    ...existing(folder, names),
    ...(folder.level === 0 || git !== undefined ? await absent(folder.path, projectNames) : []),
    ...(homes.includes(folder.path) ? await absent(folder.path, homeNames) : []),
  ]
  const own = looksLikeGit(names) ? await ofGit(folder.path) : []
  if (git === undefined) return [...taken, ...own]
  // A file or a link says where the repository is, and so must stay as it is.
  const below = git.isDirectory() ? await ofGit(join(folder.path, '.git')) : [itself(join(folder.path, '.git'))]
  return [...taken, ...own, ...below]
}

function existing({ path }: ScannedFolder, names: ReadonlyMap<string, unknown>): Guarded[] {
  return existingNames
    .filter((name) => names.has(name.path))
    .map((name) => ({ guard: name.guard, path: join(path, name.path), text: '' }))
}

/** A name of two parts takes the first one where that is missing already. */
async function absent(folder: string, names: readonly GuardedName[]): Promise<Guarded[]> {
  return Promise.all(
    names.map(async ({ guard, path, text = '' }) => {
      const [first = path, rest] = path.split('/')
      const isThere = rest === undefined || (await lookAtLink(join(folder, first)))?.isDirectory() === true
      return { guard, path: join(folder, isThere ? path : first), text }
    }),
  )
}

/** With the folders of its modules and of its other work trees. */
async function ofGit(folder: string): Promise<Guarded[]> {
  const parts: string[] = []
  for (const name of ['modules', 'worktrees']) {
    const entries = await entriesIn(join(folder, name), maxParts)
    parts.push(...entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, name, entry.name)))
  }
  return (await Promise.all([folder, ...parts].map((path) => absent(path, gitNames)))).flat()
}

/** What git(1) asks of a folder before it takes it for a repository. */
function looksLikeGit(names: ReadonlyMap<string, unknown>): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => names.has(name))
}

function itself(path: string): Guarded {
  return { guard: 'git', path, text: '' }
}
