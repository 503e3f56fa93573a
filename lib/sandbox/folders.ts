/** Where the gateway keeps what is its own. DESIGN §9; the audit folder is the state's for an ordinary user. */
import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

export interface GatewayFolders {
  readonly config: string
  readonly state: string
  readonly audit: string
  readonly cache: string
  readonly runtime: string
}

export type Environment = Readonly<Record<string, string | undefined>>

export function gatewayFolders(environment: Environment, uid: number): GatewayFolders {
  if (uid === 0) {
    return {
      config: '/etc/mcp-one',
      state: '/var/lib/mcp-one',
      audit: '/var/log/mcp-one',
      cache: '/var/cache/mcp-one',
      runtime: '/run/mcp-one',
    }
  }
  const home = homedir()
  const state = join(xdg(environment['XDG_STATE_HOME']) ?? join(home, '.local/state'), 'mcp-one')
  const runtime = xdg(environment['XDG_RUNTIME_DIR'])
  return {
    config: join(xdg(environment['XDG_CONFIG_HOME']) ?? join(home, '.config'), 'mcp-one'),
    state,
    audit: state,
    cache: join(xdg(environment['XDG_CACHE_HOME']) ?? join(home, '.cache'), 'mcp-one'),
    runtime: runtime === null ? join(state, 'run') : join(runtime, 'mcp-one'),
  }
}

/** The folder of this package: the one that holds its package.json. */
export function programRoot(): string {
  let folder = realpathSync(import.meta.dirname)
  while (!existsSync(join(folder, 'package.json')) && folder !== '/') folder = dirname(folder)
  return folder
}

/** The XDG specification: a path that is not absolute is to be ignored. */
function xdg(value: string | undefined): string | null {
  return value !== undefined && isAbsolute(value) ? value : null
}
