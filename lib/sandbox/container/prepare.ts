/** Everything about a container that is known before there is one. */
import type { DialRules } from '../../egress/dial.ts'
import { McpoError } from '../../errors.ts'
import type { ContainerUser } from '../../policy/container/engine.ts'
import { environmentLines } from '../../policy/container/environment.ts'
import { demandContainer, judgeContainer } from '../../policy/container/judge.ts'
import type { RunRequest } from '../../policy/container/run.ts'
import type { Policy, Verdict } from '../../policy/model.ts'
import { compileEgress, proxyVariables } from '../../policy/network/compile.ts'
import type { EgressPlan } from '../../policy/plan.ts'
import type { SandboxContext } from '../context.ts'
import { lookThroughGrants } from '../guards.ts'
import { readLayout } from '../layout.ts'
import { canonicalProtected } from '../protected.ts'
import { dialRulesFor } from '../way-out.ts'
import { askEngine, type Engine } from './engine.ts'
import { containerMounts } from './mounts.ts'
import { containerName } from './owner.ts'

export interface ContainerSpec {
  readonly policy: Policy
  readonly image: string
  /** Instead of the image's entry point, which gets the arguments otherwise. */
  readonly command: string | null
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Inside. */
  readonly cwd: string | null
}

export interface PreparedContainer {
  readonly verdicts: readonly Verdict[]
  /** For the log: what is left open. */
  readonly notes: readonly string[]
  readonly engine: Engine
  /** Less its files. */
  readonly request: Omit<RunRequest, 'environmentFile' | 'egress'>
  readonly environment: string
  /** Both `null`: there is no way out, or the host's whole network. */
  readonly egress: EgressPlan | null
  readonly dialRules: DialRules | null
}

/** Everything before the first process of the container. */
export async function prepareContainer(spec: ContainerSpec, context: SandboxContext): Promise<PreparedContainer> {
  const { policy, command, args, cwd, env } = spec
  const egress = compileEgress(policy.network)
  const environment = environmentLines(policy.name, egress === null ? env : { ...env, ...proxyVariables })
  const engine = await context.engine()
  const user = await userFor(policy.name, context)
  const verdicts = judgeContainer(policy, engine.facts, user)
  demandContainer(verdicts, policy, engine.facts)
  const layout = await readLayout({
    policy,
    protectedPaths: await canonicalProtected(context.protectedPaths),
    programMounts: [],
    hostUid: user.isOwn ? user.uid : null,
    timezone: undefined,
    writableGrants: context.writableGrants,
  })
  const { guarded, covered, notes } = await lookThroughGrants(layout.grants, policy.allowPersistence)
  const masked = [...layout.masked, ...covered]
  const mounts = await containerMounts(policy, { ...layout, guarded, masked }, engine.facts.places)
  const image = await imageId(engine, spec.image, policy.name)
  const { network, limits, name: hostname } = policy
  const name = containerName(hostname)
  const request = { engine: engine.facts, name, hostname, image, command, args, cwd, user, network, limits, mounts }
  return { verdicts, notes, engine, request, environment, egress, dialRules: dialRulesFor(policy, context) }
}

async function userFor(name: string, { uid, identities }: SandboxContext): Promise<ContainerUser> {
  if (uid !== 0) return { uid, gid: process.getgid?.() ?? uid, isOwn: false }
  const own = await identities.stable(name)
  return { uid: own, gid: own, isOwn: true }
}

/** What runs is what was found, whatever the name means a moment later. Nothing is fetched. */
async function imageId(engine: Engine, image: string, server: string): Promise<string> {
  try {
    return (await askEngine(engine, ['image', 'inspect', '--format={{.Id}}', image])).trim()
  } catch (cause) {
    const { kind } = engine.facts
    throw new McpoError(
      'NOT_FOUND',
      `cannot start ${server}: ${kind} has no image ${image}, and MCP-One fetches none`,
      {
        hint: `fetch it: ${kind} pull ${image}`,
        data: { server, image },
        cause,
      },
    )
  }
}
