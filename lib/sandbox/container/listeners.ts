/**
 * The listeners of a container's way out. podman has made its namespaces, and its program is not executed yet: a launcher of ours enters
 * them, as the user who runs the gateway may, and hands the listeners out. Neither it nor a right to the network stays inside.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { McpoError } from '../../errors.ts'
import { isNativeFailure, launcherPath, spawn } from '../../native/index.ts'
import type { EgressFiles } from '../../policy/container/run.ts'
import type { EgressPlan, Plan } from '../../policy/plan.ts'
import { startError } from '../failure.ts'
import { firstOf } from '../launch.ts'
import { Life } from '../life.ts'
import type { Proof } from '../model.ts'
import { processStat } from './process-stat.ts'

export interface Listeners {
  /** The caller's from then on. */
  readonly sockets: readonly number[]
  /** That its network had no route before. */
  readonly refused: Proof['refused']
}

const readyTimeoutMs = 10_000

/** Throws SANDBOX_ERROR when they could not be made, or not surely in this container; nothing stays open then. */
export async function openListeners(name: string, egress: EgressPlan, files: EgressFiles): Promise<Listeners> {
  const before = firstProcess(files)
  if (before === null) throw notThere(name)
  const plan = enteringPlan(name, egress, before.pid)
  const life = enter(plan)
  try {
    const outcome = await firstOf(life, { plan, readyTimeoutMs })
    if (typeof outcome === 'string') {
      const stuck = { ...life.step, errno: outcome === 'late' ? 'TIMEOUT' : 'EXIT' }
      throw startError(name, life.failure ?? stuck, '')
    }
    const after = firstProcess(files)
    // The pid may have become another one's meanwhile, whose network this would be.
    if (after?.pid !== before.pid || after.start !== before.start) throw notThere(name)
    return { sockets: life.takeListeners(), refused: outcome.refused }
  } finally {
    life.kill()
    await life.exited
  }
}

function enter(plan: Plan): Life {
  const nothing = openSync('/dev/null', 'r+')
  const stdio = [nothing, nothing, nothing] as const
  const child = spawn(plan, { launcher: launcherPath, stdio, cgroup: null, refusals: 'answered' })
  closeSync(nothing)
  if (isNativeFailure(child)) throw startError(plan.hostname, { step: child.stage, errno: child.errno, detail: '' }, '')
  return new Life(child)
}

/** `null` unless the container's monitor is its parent: of any other process that is not so. */
function firstProcess({ pid: file, monitorPid }: EgressFiles): { pid: number; start: string } | null {
  const pid = numberIn(file)
  const stat = processStat(pid)
  return stat === null || stat.parent !== numberIn(monitorPid) ? null : { pid, start: stat.start }
}

/** NaN without such a file. */
function numberIn(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'latin1'), 10)
  } catch {
    return Number.NaN
  }
}

function notThere(name: string): McpoError {
  return new McpoError('SANDBOX_ERROR', `cannot start ${name}: its container ended before its program was executed`, {
    hint: 'start it again; if this stays so, podman must run containers on this machine itself (podman info: serviceIsRemote)',
  })
}

/** Nothing else of it counts. */
function enteringPlan(hostname: string, egress: EgressPlan, enteredPid: number): Plan {
  return {
    hostname,
    egress,
    enteredPid,
    hostUid: null,
    userNamespace: true,
    shareNetwork: false,
    root: 'minimal',
    mounts: [],
    landlock: null,
    rlimits: [],
    watch: null,
    executable: '/',
    argv: ['mcpo-launch'],
    environment: [],
    cwd: '/',
    dryRun: true,
  }
}
