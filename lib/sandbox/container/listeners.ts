/**
 * The listeners of a container's way out. Its namespaces are made, and its program is not executed yet: a launcher of ours enters
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
import { askEngine, type Engine } from './engine.ts'
import { processStat } from './process-stat.ts'

export interface Listeners {
  /** The caller's from then on. */
  readonly sockets: readonly number[]
  /** That its network had no route before. */
  readonly refused: Proof['refused']
}

const readyTimeoutMs = 10_000

/** The first process of a container; `null` when there is none. */
export type FindProcess = () => Promise<{ readonly pid: number; readonly start: string } | null>

/** Throws SANDBOX_ERROR when they could not be made, or not surely in this container; nothing stays open then. */
export async function openListeners(name: string, egress: EgressPlan, find: FindProcess): Promise<Listeners> {
  const before = await find()
  if (before === null) throw notThere(name)
  const plan = enteringPlan(name, egress, before.pid)
  const life = enter(plan)
  try {
    const outcome = await firstOf(life, { plan, readyTimeoutMs })
    if (typeof outcome === 'string') {
      const stuck = { ...life.step, errno: outcome === 'late' ? 'TIMEOUT' : 'EXIT' }
      throw startError(name, life.failure ?? stuck, '')
    }
    const after = await find()
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

/** As podman wrote it. The container's monitor is its parent: of any other process that is not so. */
export function writtenProcess({ pid: file, monitorPid }: EgressFiles): FindProcess {
  return async () => {
    const pid = numberIn(file)
    const stat = processStat(pid)
    return stat === null || stat.parent !== numberIn(monitorPid) ? null : { pid, start: stat.start }
  }
}

/** As the engine says, each time it is asked. */
export function toldProcess(engine: Engine, container: string): FindProcess {
  return async () => {
    const pid = Number(await askEngine(engine, ['inspect', '--format={{.State.Pid}}', container]))
    const stat = processStat(pid)
    return stat === null ? null : { pid, start: stat.start }
  }
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
    hint: 'start it again; if this stays so, the engine must run containers on this machine itself',
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
