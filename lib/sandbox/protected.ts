/** Which files are the gateway's own, and making their folders before any server could. */
import { chmod, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { McpoError } from '../errors.ts'
import { isInside } from '../policy/paths.ts'
import type { ProtectedPaths } from '../policy/protect.ts'
import type { GatewayFolders } from './folders.ts'
import { lookAt } from './look.ts'

export interface OwnFiles {
  readonly folders: GatewayFolders
  /** The configuration in use; `null` for `mcpo sandbox run`. */
  readonly configFile: string | null
  readonly programRoot: string
  /** The running node: whoever replaced it would be the gateway at its next start. */
  readonly node: string
}

const programFolders = ['dist', 'build', 'bin', 'lib', 'native', 'node_modules']
const lockName = 'mcp-one.lock'

export function protectedPaths(own: OwnFiles): ProtectedPaths {
  const { folders } = own
  const program = [
    ...programFolders.map((name) => join(own.programRoot, name)),
    outermostModules(own.programRoot),
    own.node,
  ]
  const kept = [folders.state, folders.audit, folders.runtime, folders.cache]
  const config = own.configFile === null ? [] : [dirname(own.configFile)]
  // A folder of this name is ours altogether. Another one, a project's for example, only holds the file.
  const isOurs = (folder: string): boolean => basename(folder) === 'mcp-one'
  const whole = [folders.config, ...config.filter(isOurs)]
  const shared = config.filter((folder) => !isOurs(folder))
  const secret = own.configFile === null ? [] : [own.configFile, join(dirname(own.configFile), lockName)]
  return {
    closed: unique([...program.filter((path) => path !== null), ...kept, ...whole]),
    folders: unique([...shared, own.programRoot]),
    hidden: unique([...kept, ...whole]),
    secret: secret.filter((path) => !whole.some((folder) => isInside(path, folder))),
  }
}

/**
 * Makes the folders that are to be covered: what is not there cannot be covered, and a server with a writable folder
 * above could make it. Only those that exist or that something writable might reach are of interest: `reachable`.
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
          hint: `make it yourself (mode 0700), or do not grant a folder above it`,
          cause,
        },
      )
    }
  }
}

/** With a flat installation the packages that the gateway loads lie beside it. */
function outermostModules(root: string): string | null {
  const index = `${root}/`.indexOf('/node_modules/')
  return index < 0 ? null : root.slice(0, index + '/node_modules'.length)
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)].sort()
}
