import { McpoError, toMcpoError } from '../errors.ts'
import { type Document, nameOf, type Problem, valueAt } from './document.ts'
import { absolutePath } from './paths.ts'
import type { Path } from './positions.ts'
import { readSecret } from './read.ts'
import { at, serverPaths } from './rules/rule.ts'

const fromFile = 'file:'
const fromVariable = 'env:'
const maxLength = 8192

export interface ReadHeaders {
  /** Of each `[[servers]]` entry, in the order of the file. */
  readonly ofServers: readonly Readonly<Record<string, string>>[]
  /** Names of the environment variables that were read. */
  readonly variables: ReadonlySet<string>
  readonly problems: readonly Problem[]
}

/** The headers of all servers with their values. Files are read only where nothing is known to be wrong with the setting. */
export async function readHeaders(
  document: Document,
  known: readonly Problem[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<ReadHeaders> {
  const problems: Problem[] = []
  const variables = new Set<string>()
  const read = async (path: Path, setting: string): Promise<string> => {
    try {
      const { value, variable } = await resolveHeader(setting, folder, env)
      if (variable !== null) variables.add(variable)
      return value
    } catch (thrown) {
      const { message, hint } = toMcpoError(thrown)
      problems.push(at(path, `${nameOf(document, path)}: ${message}${hint === undefined ? '' : `. ${hint}`}`))
      return ''
    }
  }
  const readAll = async (server: Path): Promise<Record<string, string>> => {
    const path = [...server, 'headers']
    const values: Record<string, string> = {}
    if (known.some((problem) => startsWith(problem.path, path))) return values
    for (const [name, setting] of Object.entries(valueAt(document.filled, path) ?? {})) {
      if (typeof setting === 'string') values[name] = await read([...path, name], setting)
    }
    return values
  }
  const ofServers = await Promise.all(serverPaths(document).map(readAll))
  return { ofServers, variables, problems }
}

/** The header's value, and the variable it came from: no server inherits that one. */
interface ResolvedHeader {
  readonly value: string
  readonly variable: string | null
}

/**
 * A header's value: as it stands, what the variable after `env:` holds, or the file after `file:`, less one line end. Throws
 * CONFIG_ERROR, without a place; the value never stands in the message.
 */
async function resolveHeader(setting: string, folder: string, env: NodeJS.ProcessEnv): Promise<ResolvedHeader> {
  const variable = setting.startsWith(fromVariable) ? setting.slice(fromVariable.length) : null
  const value = variable === null ? await textOf(setting, folder, env) : variableValue(variable, env)
  if (value.length <= maxLength && /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/.test(value)) return { value, variable }
  throw new McpoError(
    'CONFIG_ERROR',
    `expected a header value of 1 to ${maxLength} visible ASCII characters, without spaces at its ends`,
  )
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step)
}

async function textOf(setting: string, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  if (!setting.startsWith(fromFile)) return setting
  const path = absolutePath(setting.slice(fromFile.length), folder, env)
  return (await readSecret(path, 'the header file', maxLength + 2)).replace(/\r?\n$/, '')
}

function variableValue(name: string, env: NodeJS.ProcessEnv): string {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value !== undefined) return value
  const shown = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)
    ? `the environment has no variable ${name}`
    : 'no such variable'
  throw new McpoError('CONFIG_ERROR', `${shown}; set it before the start`)
}
