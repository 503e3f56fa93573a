/** Which files are the gateway's own, and making their folders before any server could. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { configFolders, defaultConfigPath } from '../config/folders.ts'
import { McpoError } from '../errors.ts'
import type { ProtectedPaths } from '../policy/layout.ts'
import { isInside } from '../policy/paths.ts'
import { type Canonical, canonical } from './canonical.ts'
import { cgroupMountsOutsideSys } from './cgroup/find.ts'
import { lookAt } from './look.ts'

export interface OwnFiles {
  /** The configuration in use; `null` for `mcpo sandbox run`. */
  readonly configFile: string | null
  readonly environment: NodeJS.ProcessEnv
  readonly uid: number
}

/** With symbolic links resolved, as they are now. */
export type CanonicalProtected = { readonly [list in keyof ProtectedPaths]: readonly Canonical[] }

const programFolders = ['dist', 'build', 'bin', 'lib', 'native', 'node_modules']
const lockName = 'mcp-one.lock'

/** `root`: the folder of this package, canonical. */
export function protectedPaths({ configFile, environment, uid }: OwnFiles, root = programRoot()): ProtectedPaths {
  const usual = defaultConfigPath(environment, uid)
  const used = configFile === null ? usual : resolve(configFile)
  const { state, audit, cache, runtime } = configFolders(used, environment, uid)
  // A configuration that is a symbolic link lies in two folders.
  const folders = unique([dirname(usual), dirname(used), dirname(realFile(used))])
  // A folder of this name is ours altogether. Another one, a project's for example, only holds the file, and so does a clone
  // of this repository.
  const isOwn = (folder: string) => isOurs(folder) && realFile(folder) !== root
  const own = [...folders.filter(isOwn), state, audit, cache, runtime, ...cgroupTrees()]
  const secret = [used, join(dirname(used), lockName)].filter((path) => !own.some((folder) => isInside(path, folder)))
  return {
    closed: unique([...program(root), ...own]),
    folders: unique([...folders.filter((folder) => !isOwn(folder)), root]),
    hidden: unique(own),
    secret,
  }
}

/** Asked once for each start: links may lead elsewhere by the next. */
export async function canonicalProtected(paths: ProtectedPaths): Promise<CanonicalProtected> {
  const found = new Map<string, Promise<Canonical>>()
  const canonicalOnce = (path: string): Promise<Canonical> => {
    const known = found.get(path) ?? canonical(path)
    found.set(path, known)
    return known
  }
  const all = (list: readonly string[]) => Promise.all(list.map(canonicalOnce))
  const { closed, folders, hidden, secret } = paths
  return {
    closed: await all(closed),
    folders: await all(folders),
    hidden: await all(hidden),
    secret: await all(secret),
  }
}

/** Without their links. */
export function pathsOf({ closed, folders, hidden, secret }: CanonicalProtected): ProtectedPaths {
  const all = (list: readonly Canonical[]) => list.map(({ path }) => path)
  return { closed: all(closed), folders: all(folders), hidden: all(hidden), secret: all(secret) }
}

/**
 * Makes the folders that are to be covered: what is not there cannot be covered, and a server with a writable folder
 * above could make it. Only where something writable reaches: `reachable`.
 */
export async function ensureFolders(paths: ProtectedPaths, reachable: (path: string) => boolean): Promise<void> {
  for (const folder of paths.hidden.filter(reachable)) {
    if ((await lookAt(folder)) !== null) continue
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await chmod(folder, 0o700)
    } catch (cause) {
      throw new McpoError(
        'IO_ERROR',
        `cannot make the gateway's own folder ${folder}, which a server could make instead`,
        {
          hint: 'make it yourself (mode 0700), or do not grant a folder above it',
          cause,
        },
      )
    }
  }
}

/** An ordinary user's server could undo its own limits there. */
function cgroupTrees(): string[] {
  return process.platform === 'linux' ? cgroupMountsOutsideSys(readFileSync('/proc/self/mountinfo', 'utf8')) : []
}

/** The folder of this package: the nearest one above this file that holds a package.json. */
export function programRoot(): string {
  let folder = realpathSync.native(import.meta.dirname)
  while (!existsSync(join(folder, 'package.json')) && folder !== '/') folder = dirname(folder)
  return folder
}

function realFile(path: string): string {
  try {
    return existsSync(path) ? realpathSync.native(path) : path
  } catch {
    return path
  }
}

/** With what it loads, which a flat installation keeps beside it, and the node that runs it. */
function program(root: string): string[] {
  const index = `${root}/`.indexOf('/node_modules/')
  const beside = index < 0 ? [] : [root.slice(0, index + '/node_modules'.length)]
  return [...programFolders.map((name) => join(root, name)), ...beside, process.execPath]
}

function isOurs(folder: string): boolean {
  return basename(folder) === 'mcp-one'
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)].sort()
}
