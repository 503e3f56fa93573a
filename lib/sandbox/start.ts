/** From a command under a policy to a running, confined server. The story of one start, top to bottom. */
import type { DialRules } from '../egress/dial.ts'
import { McpoError } from '../errors.ts'
import { type Compiled, compile } from '../policy/compile.ts'
import type { HostFacts } from '../policy/host.ts'
import type { Policy } from '../policy/model.ts'
import { egressOf } from '../policy/network/compile.ts'
import { resolveCommand } from './command.ts'
import type { SandboxContext } from './context.ts'
import type { Refusal } from './events/model.ts'
import { demandOwnProgram } from './foreign-grants.ts'
import { lookThroughGrants } from './guards.ts'
import { fetchHints, pathHints } from './hints.ts'
import { type LaunchRequest, launch } from './launch.ts'
import { readLayout } from './layout.ts'
import type { LaunchSpec, SandboxedChild } from './model.ts'
import { canonicalProtected, pathsOf } from './protected.ts'

export interface StartOptions {
  /** For the launcher, from its start to the finished self-check. */
  readonly readyTimeoutMs?: number
  /** A uid that nothing else uses, instead of this name's own (`mcpo sandbox run`, `mcpo doctor`). */
  readonly passing?: boolean
  /** The uid itself (root gateway only). */
  readonly uid?: number | undefined
  /** Do everything but execute the server. */
  readonly dryRun?: boolean
  /** Hears of what the sandbox refuses, from before this promise settles until `exited` does. */
  readonly onEvent?: (event: Refusal) => void
  /** Tell also of file accesses that will be refused. For diagnosis: it slows the server down. */
  readonly explain?: boolean
}

const readyTimeoutMs = 10_000

/** Throws NOT_FOUND, CONFIG_ERROR or SANDBOX_ERROR; whatever it throws, nothing was run and nothing is left behind. */
export async function startServer(
  spec: LaunchSpec,
  context: SandboxContext,
  options: StartOptions = {},
): Promise<SandboxedChild> {
  return launch(await prepareLaunch(spec, context, options))
}

/** Everything before the first process. */
export async function prepareLaunch(
  spec: LaunchSpec,
  context: SandboxContext,
  options: StartOptions = {},
): Promise<LaunchRequest> {
  const { facts, subtree } = await context.host()
  const { name, limits } = spec.policy
  demandSandbox(facts, name)
  const { plan, cgroup: settings, verdicts, found } = await compileFor(spec, context, facts, options)
  const notes = [...found, ...fetchHints(plan), ...(await pathHints(plan, spec.cwd ?? spec.baseDir))]
  const cgroup = subtree === null ? null : { subtree, settings }
  const { onEvent = () => {}, explain = false } = options
  const timeoutMs = options.readyTimeoutMs ?? readyTimeoutMs
  const dialRules = dialRulesFor(spec.policy, context)
  return { name, plan, cgroup, limits, verdicts, notes, dialRules, readyTimeoutMs: timeoutMs, onEvent, explain }
}

async function compileFor(
  spec: LaunchSpec,
  context: SandboxContext,
  facts: HostFacts,
  options: StartOptions,
): Promise<Compiled & { readonly found: readonly string[] }> {
  const { policy, command, args, cwd, baseDir, env } = spec
  // What the server sets itself decides where its command is found.
  const environment = { ...context.environment, ...env }
  const own = await canonicalProtected(context.protectedPaths)
  const protectedPaths = pathsOf(own)
  const writable = writablePaths(policy)
  const program = await resolveCommand({ command, args, cwd, baseDir, environment, protectedPaths, writable })
  await demandOwnProgram(program, policy.name, context.writableGrants)
  const hostUid = await uidFor(policy.name, context, options)
  const timezone = context.environment['TZ']
  const layout = await readLayout({
    policy,
    protectedPaths: own,
    programMounts: program.mounts,
    hostUid,
    timezone,
    writableGrants: context.writableGrants,
  })
  const { guarded, covered, notes } = await lookThroughGrants(layout.grants, policy.allowPersistence)
  const compiled = compile({
    policy,
    program,
    cwd,
    environment: { explicit: env, gateway: context.environment, secretVariables: spec.secretVariables },
    facts,
    layout: { ...layout, guarded, masked: [...layout.masked, ...covered] },
    hostUid,
    dryRun: options.dryRun ?? false,
  })
  return { ...compiled, found: notes }
}

function dialRulesFor({ name, network, traffic }: Policy, context: SandboxContext): DialRules | null {
  const policy = egressOf(network)
  if (policy === null) return null
  const { gatewayPorts, resolve, allowances } = context
  const most = { uploadMb: traffic.uploadMb.value, downloadMb: traffic.downloadMb.value }
  return { policy, gatewayPorts: () => [...gatewayPorts], resolve, allowance: allowances.of(name, most) }
}

function writablePaths({ filesystem }: Policy): string[] {
  if (filesystem.kind !== 'paths') return []
  return filesystem.grants.filter(({ access }) => access === 'rw').map(({ path }) => path)
}

async function uidFor(
  name: string,
  { uid, identities }: SandboxContext,
  options: StartOptions,
): Promise<number | null> {
  if (uid !== 0 && options.uid !== undefined) throw onlyForRoot()
  if (uid !== 0) return null
  if (options.uid !== undefined) return identities.chosen(options.uid)
  return options.passing === true ? identities.random() : identities.stable(name)
}

function onlyForRoot(): McpoError {
  return new McpoError('INVALID_REQUEST', 'a uid of its own is for root to give: this user has one', {
    hint: 'leave --uid out',
  })
}

function demandSandbox({ sandboxFailure, platform }: HostFacts, name: string): void {
  if (platform !== 'linux')
    throw new McpoError('SANDBOX_ERROR', `cannot start ${name}: there is no sandbox for ${platform} yet`)
  if (sandboxFailure === null) return
  const { step, errno, detail, cause, remedy } = sandboxFailure
  const about = `${detail === '' ? '' : ` (${detail})`}${cause === null ? '' : `: ${cause}`}`
  throw new McpoError(
    'SANDBOX_ERROR',
    `cannot start ${name}: this host cannot build a sandbox: the step "${step}" failed with ${errno}${about}`,
    {
      hint: remedy ?? 'run mcpo doctor',
      data: { step, errno, detail },
    },
  )
}
