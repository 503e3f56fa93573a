/** Runs a command to its end in a real sandbox, or in one that lacks walls. */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { isNativeFailure, launcherPath, type NativeFailure, spawn, stdioPipes } from '../../../lib/native/index.ts'
import type { FilesystemPolicy } from '../../../lib/policy/model.ts'
import type { Plan } from '../../../lib/policy/plan.ts'
import { createContext, type SandboxContext } from '../../../lib/sandbox/context.ts'
import { Life } from '../../../lib/sandbox/life.ts'
import type { ExitStatus, Proof } from '../../../lib/sandbox/model.ts'
import { prepareLaunch } from '../../../lib/sandbox/start.ts'
import { plainPolicy, unwritten } from '../../support/plain-policy.ts'

/** The package's folder, seen from dist/test/platform/linux. */
export const packageFolder = join(import.meta.dirname, '../../../..')

/** Built by test/build-probes.mjs. */
export const probePath = join(packageFolder, 'build/test/probes/probe')

/** Built by test/build-probes.mjs from test/fixtures/layers. */
export const launcherWithout = join(packageFolder, 'build/test/layers/mcpo-launch')

/** What that launcher can leave out. */
export type Wall =
  | 'seccomp'
  | 'landlock'
  | 'capabilities'
  | 'no-new-privs'
  | 'nosuid-mounts'
  | 'masks'
  | 'own-ids'
  | 'read-only-root'
  | 'host-tree-gone'
  | 'closed-descriptors'
  | 'hidden-init'
  | 'network-namespace'
  | 'pid-namespace'
  | 'ipc-namespace'
  | 'uts-namespace'
  | 'cgroup-namespace'
  | 'no-more-namespaces'
  | 'own-keyring'
  | 'self-check'

export interface Run {
  /** Absent: by the released launcher. */
  readonly without?: readonly Wall[]
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Absent: nothing is granted. */
  readonly filesystem?: FilesystemPolicy
}

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly status: ExitStatus
}

/** Nothing granted, no network, generous limits. */
const policy = plainPolicy('test', { limits: unwritten(1024, 100, 256) })

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

export async function startSandboxed(run: Run): Promise<Running> {
  return startPlanned(await planFor(run), run.without)
}

/** The product's own plan for it. */
export async function planFor({ command, args, env = {}, filesystem = policy.filesystem }: Run): Promise<Plan> {
  context ??= createContext({ configFile: null, environment: process.env })
  const granting = { ...policy, filesystem }
  const secretVariables = new Set<string>()
  const spec = { policy: granting, command, args, env, cwd: null, baseDir: packageFolder, secretVariables }
  return (await prepareLaunch(spec, context, { passing: true })).plan
}

/** A plan as it is, or made worse. */
export function startPlanned(plan: Plan, without?: readonly Wall[]): Running {
  const pipes = orThrow(stdioPipes(plan.hostUid))
  const [launcher, given] = without === undefined ? [launcherPath, plan] : [launcherWithout, lacking(plan, without)]
  const child = orThrow(spawn(given, { launcher, stdio: pipes.child, cgroup: null, refusals: 'told' }))
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

/** As test/fixtures/layers/main.cc reads it. */
export function lacking(plan: Plan, walls: readonly Wall[]): Plan {
  // Pid 1 would stop and count what is the user's, not only what is the sandbox's.
  const watch = walls.includes('pid-namespace') ? null : plan.watch
  return { ...plan, watch, environment: [...plan.environment, `MCPO_WITHOUT=${walls.join(' ')}`] }
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
