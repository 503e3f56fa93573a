/** The server's environment, built from nothing. */
import { Buffer } from 'node:buffer'
import { McpoError } from '../errors.ts'
import { proxyVariables } from './network/compile.ts'
import { mayInherit } from './relax/inherit-environment.ts'

export interface EnvironmentSources {
  /** Set for this server; wins over everything. */
  readonly explicit: Readonly<Record<string, string>>
  /** The gateway's own environment; looked at only with `inherit`. */
  readonly gateway: Readonly<Record<string, string | undefined>>
  readonly inherit: boolean
  /** Names that the configuration itself used; never inherited. */
  readonly secretVariables: ReadonlySet<string>
  readonly searchPath: readonly string[]
  readonly home: string
  readonly timezone: string | null
  /** The gateway's proxies are there. */
  readonly hasEgress: boolean
}

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Linux refuses a single string above 128 KiB (MAX_ARG_STRLEN), and all of them, arguments too, above a quarter of the soft stack limit. */
const maxEnvironmentBytes = 512 * 1024

/** `NAME=value`, sorted by name. Throws CONFIG_ERROR for a name that no environment can hold. */
export function compileEnvironment(sources: EnvironmentSources): readonly string[] {
  const all: Record<string, string> = { ...inherited(sources), ...basics(sources), ...sources.explicit }
  const lines = Object.keys(all)
    .sort()
    .map((name) => `${checkedName(name)}=${checkedValue(name, all[name] ?? '')}`)
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
  if (bytes > maxEnvironmentBytes) {
    throw new McpoError(
      'CONFIG_ERROR',
      `the environment of the server has ${bytes} bytes; at most ${maxEnvironmentBytes} are possible`,
    )
  }
  return lines
}

function basics(sources: EnvironmentSources): Record<string, string> {
  return {
    PATH: [...new Set([...sources.searchPath, ...systemPath])].join(':'),
    HOME: sources.home,
    USER: 'mcp',
    LOGNAME: 'mcp',
    SHELL: '/bin/sh',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    ...(sources.timezone === null ? {} : { TZ: sources.timezone }),
    ...(sources.hasEgress ? proxyVariables : {}),
  }
}

function inherited(sources: EnvironmentSources): Record<string, string> {
  const passed: Record<string, string> = {}
  if (!sources.inherit) return passed
  for (const [name, value] of Object.entries(sources.gateway)) {
    if (value !== undefined && mayInherit(name) && !sources.secretVariables.has(name)) passed[name] = value
  }
  return passed
}

function checkedName(name: string): string {
  if (name !== '' && !/[=\0]/.test(name)) return name
  throw new McpoError('CONFIG_ERROR', `${JSON.stringify(name)} cannot be the name of an environment variable`)
}

function checkedValue(name: string, value: string): string {
  if (!value.includes('\0')) return value
  throw new McpoError('CONFIG_ERROR', `the value of the environment variable ${name} has a NUL in it`)
}
