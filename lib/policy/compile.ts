/** Pure: a policy, a command and the facts of this host in; the plan that the launcher executes, and what it amounts to, out. */
import { McpoError } from '../errors.ts'
import { type CgroupSetting, compileCgroup } from './cgroup.ts'
import { compileEnvironment, type EnvironmentSources } from './environment.ts'
import { compileGrants, type Granted } from './grants.ts'
import { demand, judge } from './guarantees.ts'
import type { HostFacts } from './host.ts'
import { type Area, compileLandlock } from './landlock.ts'
import type { HostLayout, ResolvedProgram } from './layout.ts'
import { compileLimits, compileWatch } from './limits.ts'
import type { Policy, Verdict } from './model.ts'
import { compileEgress, egressOf } from './network/compile.ts'
import { isBelow, isInside } from './paths.ts'
import type { MountOperation, Plan } from './plan.ts'
import { refuseProtectedGrants, refuseSystemGrants } from './protect.ts'
import { compileRoot, privateFolders, privateHome, rootKind } from './rootfs.ts'

export interface CompileRequest {
  readonly policy: Policy
  readonly program: ResolvedProgram
  /** Inside; `null` is the private home. */
  readonly cwd: string | null
  readonly environment: Pick<EnvironmentSources, 'explicit' | 'gateway' | 'secretVariables'>
  readonly facts: HostFacts
  readonly layout: HostLayout
  /** See `Plan.hostUid`. */
  readonly hostUid: number | null
  readonly dryRun: boolean
}

export interface Compiled {
  readonly plan: Plan
  /** Of the server's own control group; empty: it gets none. */
  readonly cgroup: readonly CgroupSetting[]
  readonly verdicts: readonly Verdict[]
}

/** Throws SANDBOX_ERROR when the policy cannot be held on this host, CONFIG_ERROR when it must not be. */
export function compile(request: CompileRequest): Compiled {
  const { policy, program, facts, layout, hostUid } = request
  const verdicts = judge(policy, facts)
  demand(verdicts, policy, facts)
  refuseSystemGrants(layout)
  refuseProtectedGrants(layout, policy.filesystem)
  const home = privateHome(policy.filesystem, layout, hostUid)
  const root = compileRoot({
    filesystem: policy.filesystem,
    network: policy.network,
    layout,
    hostname: policy.name,
    home,
    uid: insideUid(request),
  })
  const granted = compileGrants({ filesystem: policy.filesystem, layout, program, idmap: hostUid !== null })
  const folder = workingFolder(request, home, granted)
  ensureRoomFor([...root, ...granted.mounts])
  const plan: Plan = {
    hostname: policy.name,
    hostUid,
    userNamespace: facts.noUserNamespace === null,
    shareNetwork: policy.network === 'host',
    egress: compileEgress(policy.network),
    root: rootKind(policy.filesystem),
    mounts: [...root, ...granted.mounts, ...folder.mounts],
    landlock: compileLandlock(facts, areas(request, granted)),
    rlimits: compileLimits(policy.limits, facts),
    watch: compileWatch(policy.limits, facts),
    executable: program.executable,
    argv: program.argv,
    environment: compileEnvironment({
      ...request.environment,
      inherit: policy.inheritEnvironment,
      hasEgress: egressOf(policy.network) !== null,
      searchPath: program.searchPath,
      home,
      timezone: layout.timezone,
    }),
    cwd: folder.cwd,
    dryRun: request.dryRun,
  }
  return { plan, cgroup: compileCgroup(policy.limits, facts), verdicts }
}

/** Who the server is in its own eyes. */
function insideUid({ facts, hostUid }: CompileRequest): number {
  return facts.noUserNamespace === null || hostUid === null ? 1000 : hostUid
}

/** The launcher reads this many operations (native/core/plan_codec). Each granted path takes one or more. */
const maxMounts = 1000

function ensureRoomFor(mounts: readonly MountOperation[]): void {
  if (mounts.length <= maxMounts) return
  throw new McpoError(
    'CONFIG_ERROR',
    `the policy needs ${mounts.length} mounts, and ${maxMounts} are the most there may be`,
    {
      hint: 'grant the folder that holds the paths instead of each of them',
    },
  )
}

/** The working directory must be there inside; below a private folder it is made. */
function workingFolder(
  request: CompileRequest,
  home: string,
  granted: Granted,
): { cwd: string; mounts: MountOperation[] } {
  const { cwd, policy, layout } = request
  if (cwd === null || cwd === home) return { cwd: home, mounts: [] }
  const shown = [
    ...granted.places.map(({ path }) => path),
    ...layout.grants.map(({ written }) => written),
    ...layout.systemFolders,
    '/etc',
  ]
  const isPrivate = privateFolders(policy.filesystem).some((folder) => isBelow(cwd, folder))
  if (shown.some((folder) => isInside(cwd, folder)) || cwd === '/' || privateFolders(policy.filesystem).includes(cwd)) {
    return { cwd, mounts: [] }
  }
  if (isPrivate) return { cwd, mounts: [{ op: 'dir', target: cwd, mode: 0o755 }] }
  throw new McpoError(
    'CONFIG_ERROR',
    `the working directory ${cwd} of ${policy.name} is not visible inside its sandbox`,
    {
      hint: `add "${cwd}:ro" to filesystem (mcpo sandbox run: --ro ${cwd}), or leave cwd out`,
      data: { cwd },
    },
  )
}

function areas({ policy, layout, program }: CompileRequest, granted: Granted): Area[] {
  const read = [...layout.systemFolders, '/etc', '/proc', ...program.mounts]
  const write = ['/dev/shm', ...privateFolders(policy.filesystem)]
  return [
    { path: '/', use: 'list' },
    ...[...new Set(read)].map((path): Area => ({ path, use: 'read' })),
    // Nothing else is there, and nothing can be made there: its mount is read-only.
    { path: '/dev', use: 'devices' },
    ...write.map((path): Area => ({ path, use: 'write' })),
    ...granted.places.map(({ path, access }): Area => ({ path, use: access === 'rw' ? 'write' : 'read' })),
  ]
}
