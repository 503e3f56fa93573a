import { dirname, isAbsolute, join, resolve } from 'node:path'
import { ownHome } from './paths.ts'

const product = 'mcp-one'

/** The gateway's own folders (mode 0700), absolute; none of them need exist. */
export interface Folders {
  /** Where the configuration and the lock beside it are. */
  readonly config: string
  readonly state: string
  readonly cache: string
  readonly audit: string
  /** The control socket's; never in /tmp. */
  readonly runtime: string
}

/** Where the configuration is looked for when none is named. */
export function defaultConfigPath(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.()): string {
  const folder = uid === 0 ? `/etc/${product}` : join(xdg(env, 'XDG_CONFIG_HOME', '.config'), product)
  return join(folder, 'config.toml')
}

/**
 * The folders that go with a configuration file: the system's for root, else the XDG base folders of the user. What systemd
 * made for a service (STATE_DIRECTORY, see systemd.exec(5)) is its state folder, whoever it runs as.
 */
export function configFolders(
  configFile: string,
  env: NodeJS.ProcessEnv = process.env,
  uid = process.getuid?.(),
): Folders {
  const config = dirname(resolve(configFile))
  if (uid === 0) {
    return {
      config,
      state: serviceState(env) ?? `/var/lib/${product}`,
      cache: `/var/cache/${product}`,
      audit: `/var/log/${product}`,
      runtime: `/run/${product}`,
    }
  }
  const state = serviceState(env) ?? join(xdg(env, 'XDG_STATE_HOME', '.local/state'), product)
  return {
    config,
    state,
    cache: join(xdg(env, 'XDG_CACHE_HOME', '.cache'), product),
    audit: join(state, 'audit'),
    runtime: runtimeFolder(env, state),
  }
}

/** Several are separated by colons; the first is taken. */
function serviceState(env: NodeJS.ProcessEnv): string | null {
  const [folder = ''] = (env['STATE_DIRECTORY'] ?? '').split(':')
  return isAbsolute(folder) ? resolve(folder) : null
}

/** XDG_RUNTIME_DIR has no default that is as private; the state folder is. */
function runtimeFolder(env: NodeJS.ProcessEnv, state: string): string {
  const folder = env['XDG_RUNTIME_DIR']
  return folder !== undefined && isAbsolute(folder) ? join(folder, product) : join(state, 'run')
}

/** The XDG specification has relative values ignored. */
function xdg(env: NodeJS.ProcessEnv, name: string, fallback: string): string {
  const folder = env[name]
  if (folder !== undefined && isAbsolute(folder)) return folder
  const home = env['HOME']
  return join(home !== undefined && isAbsolute(home) ? home : ownHome(), fallback)
}
