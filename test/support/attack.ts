/** Runs an attacker's Python in a real sandbox, in front of the same code that starts servers. */
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  defaultTraffic,
  type FilesystemPolicy,
  type PathGrant,
  type Policy,
  type TrafficLimits,
} from '../../lib/policy/model.ts'
import { createContext, type SandboxContext } from '../../lib/sandbox/context.ts'
import type { Refusal } from '../../lib/sandbox/events/model.ts'
import type { SandboxedChild } from '../../lib/sandbox/model.ts'
import { startServer } from '../../lib/sandbox/start.ts'
import { packageFolder } from '../platform/linux/sandboxed.ts'

export { packageFolder }

export interface AttackOptions {
  readonly filesystem?: FilesystemPolicy
  readonly network?: Policy['network']
  readonly inheritEnvironment?: boolean
  readonly allowPersistence?: Policy['allowPersistence']
  readonly pids?: number
  readonly memoryMb?: number
  readonly traffic?: TrafficLimits
  /** Variables of the attacker's program. */
  readonly given?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
  /** Never inherited, as names that a configuration used. */
  readonly secretVariables?: ReadonlySet<string>
  readonly context?: SandboxContext
  readonly onEvent?: (event: Refusal) => void
  readonly explain?: boolean
}

/** What the attacker told: `allowed` or an errno for each act, values for what it looked at. */
export type Findings = Readonly<Record<string, unknown>>

export const python = '/usr/bin/python3'

/** The prelude of attacker.py and `code` as arguments of Python. */
export function pythonArguments(code: string, given: object = {}): string[] {
  const prelude = readFileSync(join(packageFolder, 'test/support/attacker.py'), 'utf8')
  return ['-I', '-c', `${prelude}\n${code}`, JSON.stringify(given)]
}

/** Throws when the sandbox refuses to start, or the attacker's program itself is wrong. */
export async function attack(code: string, options: AttackOptions = {}): Promise<Findings> {
  const child = await startAttack(code, options)
  new Socket({ fd: child.stdio.stdin, readable: false, writable: true }).end()
  const [out, err, status] = await Promise.all([
    text(new Socket({ fd: child.stdio.stdout, writable: false })),
    text(new Socket({ fd: child.stdio.stderr, writable: false })),
    child.exited,
  ])
  if (status.code !== 0 || err !== '') throw new Error(`the attack ended with ${JSON.stringify(status)}: ${err}`)
  return findingsOf(out)
}

/** The same while it runs. The descriptors are the caller's. */
export function startAttack(code: string, options: AttackOptions = {}): Promise<SandboxedChild> {
  const context = options.context ?? createContext({ configFile: null, environment: process.env })
  const spec = {
    policy: policyOf(options),
    command: python,
    args: pythonArguments(code, options.given),
    env: options.env ?? {},
    cwd: null,
    baseDir: '/',
    secretVariables: options.secretVariables ?? new Set<string>(),
  }
  const { onEvent = () => {}, explain = false } = options
  return startServer(spec, context, { passing: true, onEvent, explain })
}

export function findingsOf(output: string): Findings {
  return Object.fromEntries(
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, unknown]),
  )
}

export function paths(...written: readonly string[]): FilesystemPolicy {
  const grants = written.map((path): PathGrant => {
    return path.endsWith(':ro') ? { path: path.slice(0, -3), access: 'ro' } : { path, access: 'rw' }
  })
  return { kind: 'paths', grants }
}

function policyOf(options: AttackOptions): Policy {
  const { filesystem = { kind: 'readonly' }, network = false, inheritEnvironment = false } = options
  const limits = {
    memoryMb: { value: options.memoryMb ?? 512, written: false },
    cpuPercent: { value: 100, written: false },
    pids: { value: options.pids ?? 64, written: options.pids !== undefined },
  }
  return {
    name: 'attack',
    network,
    filesystem,
    inheritEnvironment,
    limits,
    traffic: options.traffic ?? defaultTraffic,
    allowPersistence: options.allowPersistence ?? [],
    bestEffort: [],
  }
}
