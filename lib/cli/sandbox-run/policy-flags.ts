/** The flags of `mcpo sandbox run` that make up a policy, and the policy as TOML. */
import { resolve } from 'node:path'
import type { Options } from 'yargs'
import { McpoError } from '../../errors.ts'
import {
  defaultLimits as defaults,
  type Guarantee,
  guarantees,
  type Limit,
  type NetworkPolicy,
  type PathGrant,
  type Policy,
} from '../../policy/model.ts'
import { entryInWords } from '../../policy/network/entry.ts'
import { parseLine, parseList } from '../../policy/network/list.ts'
import { type PersistenceGuard, persistenceGuards } from '../../policy/persistence.ts'

export const policyOptions = {
  ro: { type: 'string', array: true, nargs: 1, default: [], describe: 'Show this path, read-only' },
  rw: { type: 'string', array: true, nargs: 1, default: [], describe: 'Show this path, writable' },
  network: {
    type: 'string',
    array: true,
    nargs: 1,
    default: [],
    describe: 'HOST:PORT, or npm, pypi, github; all that is public; or host, the network of this machine (none)',
  },
  filesystem: {
    choices: ['readonly', 'host-readonly', 'full'],
    default: 'readonly',
    describe: 'Nothing of this host, its whole tree read-only, or with all your rights',
  },
  'max-memory-mb': {
    type: 'number',
    requiresArg: true,
    describe: `Memory limit (${defaults.memoryMb}, as far as it can be held)`,
  },
  'max-cpu-percent': {
    type: 'number',
    requiresArg: true,
    describe: `Processor limit; 100 is one core (${defaults.cpuPercent})`,
  },
  'max-pids': { type: 'number', requiresArg: true, describe: `Limit of processes and threads (${defaults.pids})` },
  'max-upload-mb': {
    type: 'number',
    requiresArg: true,
    describe: `What may be sent to the destinations of --network (${defaults.uploadMb})`,
  },
  'max-download-mb': {
    type: 'number',
    requiresArg: true,
    describe: `What may come from them (${defaults.downloadMb})`,
  },
  'best-effort': {
    type: 'string',
    array: true,
    nargs: 1,
    default: [],
    describe: 'Guarantees that may be less than full, comma-separated',
  },
  'allow-persistence': {
    type: 'string',
    array: true,
    nargs: 1,
    default: [],
    describe: `Names in writable folders that are left unguarded (${persistenceGuards.join(', ')})`,
  },
  'env-inherit': {
    type: 'boolean',
    default: false,
    describe: 'Pass on the environment, less what is known to be dangerous',
  },
} as const satisfies Record<string, Options>

export interface PolicyFlags {
  readonly ro: readonly string[]
  readonly rw: readonly string[]
  readonly network: readonly string[]
  readonly filesystem: string
  readonly 'max-memory-mb'?: number | undefined
  readonly 'max-cpu-percent'?: number | undefined
  readonly 'max-pids'?: number | undefined
  readonly 'max-upload-mb'?: number | undefined
  readonly 'max-download-mb'?: number | undefined
  readonly 'best-effort': readonly string[]
  readonly 'allow-persistence': readonly string[]
  readonly 'env-inherit': boolean
}

/** Relative paths follow `folder`. Throws INVALID_REQUEST. */
export function policyFromFlags(flags: PolicyFlags, folder: string): Policy {
  return {
    name: 'run',
    network: network(flags.network),
    filesystem: filesystem(flags, folder),
    inheritEnvironment: flags['env-inherit'],
    allowPersistence: words(flags['allow-persistence']).map(persistenceGuard),
    limits: {
      memoryMb: limit('--max-memory-mb', flags['max-memory-mb'], defaults.memoryMb, 1_048_576),
      cpuPercent: limit('--max-cpu-percent', flags['max-cpu-percent'], defaults.cpuPercent, 102_400),
      pids: limit('--max-pids', flags['max-pids'], defaults.pids, 4_194_304),
    },
    traffic: {
      uploadMb: limit('--max-upload-mb', flags['max-upload-mb'], defaults.uploadMb, 1_073_741_824),
      downloadMb: limit('--max-download-mb', flags['max-download-mb'], defaults.downloadMb, 1_073_741_824),
    },
    bestEffort: words(flags['best-effort']).map(guarantee),
  }
}

/** As it would stand in a configuration file, below `[[servers]]`. */
export function policyAsToml(policy: Policy): string {
  const { filesystem, limits, traffic } = policy
  const paths =
    filesystem.kind === 'paths'
      ? filesystem.grants.map(({ path, access }) => (access === 'ro' ? `${path}:ro` : path))
      : null
  const lines = [
    '[servers.sandbox]',
    `network = ${networkAsToml(policy.network)}`,
    `filesystem = ${paths === null ? JSON.stringify(filesystem.kind) : list(paths)}`,
    `env_inherit = ${policy.inheritEnvironment}`,
    `allow_persistence = ${list(policy.allowPersistence)}`,
    limitLine('max_memory_mb', limits.memoryMb),
    limitLine('max_cpu_percent', limits.cpuPercent),
    limitLine('max_pids', limits.pids),
    limitLine('max_upload_mb', traffic.uploadMb),
    limitLine('max_download_mb', traffic.downloadMb),
    `best_effort = ${list(policy.bestEffort)}`,
  ]
  return `${lines.join('\n')}\n`
}

/** As words, and as the configuration has them. */
const wholeNetworks: Readonly<Record<string, NetworkPolicy>> = {
  ...{ none: false, false: false },
  ...{ public: { kind: 'public' }, true: { kind: 'public' } },
  host: 'host',
}

function network(lines: readonly string[]): NetworkPolicy {
  const whole = lines.find((line) => Object.hasOwn(wholeNetworks, line))
  if (whole !== undefined && lines.length > 1) {
    throw new McpoError('INVALID_REQUEST', `--network ${whole} goes with no other --network`)
  }
  if (whole !== undefined) return wholeNetworks[whole] ?? false
  for (const line of lines) {
    const parsed = parseLine(line)
    if (typeof parsed === 'string')
      throw new McpoError('INVALID_REQUEST', `--network ${JSON.stringify(line)}: expected ${parsed}`)
  }
  return lines.length === 0 ? false : parseList(lines)
}

function networkAsToml(policy: NetworkPolicy): string {
  if (policy === false || policy === 'host') return policy === false ? 'false' : '"host"'
  return policy.kind === 'public' ? 'true' : list(policy.entries.map(entryInWords))
}

function filesystem({ ro, rw, filesystem: kind }: PolicyFlags, folder: string): Policy['filesystem'] {
  const grants = [...ro.map((path) => grant(path, 'ro', folder)), ...rw.map((path) => grant(path, 'rw', folder))]
  if (grants.length === 0) return { kind: kind === 'full' || kind === 'host-readonly' ? kind : 'readonly' }
  if (kind === 'readonly') return { kind: 'paths', grants }
  throw new McpoError(
    'INVALID_REQUEST',
    `--filesystem ${kind} shows every path already; --ro and --rw do not go with it`,
  )
}

function grant(path: string, access: PathGrant['access'], folder: string): PathGrant {
  return { path: resolve(folder, path), access }
}

function limit(flag: string, written: number | undefined, otherwise: number, most: number): Limit {
  if (written === undefined) return { value: otherwise, written: false }
  if (Number.isInteger(written) && written >= 1 && written <= most) return { value: written, written: true }
  throw new McpoError('INVALID_REQUEST', `${flag} is a whole number from 1 to ${most}, not ${written}`)
}

function words(lists: readonly string[]): string[] {
  return lists.flatMap((list) => list.split(','))
}

function persistenceGuard(word: string): PersistenceGuard {
  const found = persistenceGuards.find((each) => each === word.trim())
  if (found !== undefined) return found
  throw new McpoError('INVALID_REQUEST', `--allow-persistence knows no ${JSON.stringify(word)}`, {
    hint: `one of ${persistenceGuards.join(', ')}`,
  })
}

function guarantee(word: string): Guarantee {
  const found = guarantees.find((each) => each === word.trim())
  if (found !== undefined) return found
  throw new McpoError('INVALID_REQUEST', `--best-effort knows no ${JSON.stringify(word)}`, {
    hint: `one of ${guarantees.join(', ')}`,
  })
}

/** A default is no demand, and would become one if it were written. */
function limitLine(key: string, { value, written }: Limit): string {
  return `${written ? '' : '# '}${key} = ${value}`
}

/** JSON's strings are TOML's basic strings. */
function list(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`
}
