/** Runs a command to its end in a real sandbox: the product's launcher, or one that lacks a wall. */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { isNativeFailure, launcherPath, type NativeFailure, spawn, stdioPipes } from '../../../lib/native/index.ts'
import type { Policy } from '../../../lib/policy/model.ts'
import type { Plan } from '../../../lib/policy/plan.ts'
import { createContext, type SandboxContext } from '../../../lib/sandbox/context.ts'
import { Life } from '../../../lib/sandbox/life.ts'
import type { ExitStatus, Proof } from '../../../lib/sandbox/model.ts'
import { prepareLaunch } from '../../../lib/sandbox/start.ts'

/** The package's folder, seen from dist/test/platform/linux. */
export const packageFolder = join(import.meta.dirname, '../../../..')

/** Built by test/build-probes.mjs. */
export const probePath = join(packageFolder, 'build/test/probes/probe')

/** `product`, or what the launcher lacks; `broken-…`: and does not know of. test/build-probes.mjs has the list. */
export type LauncherName =
  | 'product'
  | 'seccomp'
  | 'landlock'
  | 'capabilities'
  | 'no-new-privs'
  | 'masks'
  | 'seccomp-and-capabilities'
  | `broken-${string}`

export interface Run {
  readonly launcher: LauncherName
  readonly command: string
  readonly args: readonly string[]
}

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly status: ExitStatus
}

/** Nothing granted, no network, generous limits. */
const policy: Policy = {
  name: 'test',
  network: false,
  filesystem: { kind: 'readonly' },
  inheritEnvironment: false,
  allowPersistence: [],
  limits: {
    memoryMb: { value: 1024, written: false },
    cpuPercent: { value: 100, written: false },
    pids: { value: 256, written: false },
  },
  bestEffort: [],
}

let context: SandboxContext | undefined

/** A running command, whose stdin is open. */
export interface Running {
  /** The launcher's process id; pid 1 of the sandbox is its child, the command pid 1's. */
  readonly pid: number
  readonly plan: Plan
  /** Settles when the walls stand, with the proof that they do. */
  readonly ready: Promise<Proof>
  /** Closes stdin and waits for the end. Rejects when the sandbox did not come up, with the step that failed. */
  finish(): Promise<Outcome>
}

export async function startSandboxed({ launcher, command, args }: Run): Promise<Running> {
  context ??= createContext({ configFile: null, environment: process.env })
  const spec = { policy, command, args, env: {}, cwd: null, baseDir: packageFolder, secretVariables: new Set<string>() }
  const { plan } = await prepareLaunch(spec, context, { passing: true })
  const pipes = orThrow(stdioPipes(plan.hostUid))
  const child = orThrow(spawn(plan, { launcher: pathOf(launcher), stdio: pipes.child, cgroup: null, refusals: 'told' }))
  for (const fd of pipes.child) closeSync(fd)
  const life = new Life(child)
  const [stdin, stdout, stderr] = pipes.parent
  const finish = async (): Promise<Outcome> => {
    closeSync(stdin)
    const [out, err, status] = await Promise.all([textOf(stdout), textOf(stderr), life.exited])
    if (life.failure !== null) throw new Error(`the sandbox failed: ${JSON.stringify(life.failure)}`)
    return { stdout: out, stderr: err, status }
  }
  return { pid: life.pid, plan, ready: life.ready, finish }
}

/** Starts it with an empty stdin and waits for its end. */
export async function runSandboxed(run: Run): Promise<Outcome> {
  return (await startSandboxed(run)).finish()
}

function pathOf(launcher: LauncherName): string {
  if (launcher === 'product') return launcherPath
  const name = launcher.startsWith('broken-') ? launcher : `without-${launcher}`
  return join(packageFolder, `build/test/launchers/mcpo-launch.${name}`)
}

function orThrow<T extends object>(result: T | NativeFailure): T {
  if (isNativeFailure(result)) throw new Error(`${result.stage}: ${result.errno}`)
  return result
}

async function textOf(fd: number): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of new Socket({ fd, readable: true, writable: false })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
