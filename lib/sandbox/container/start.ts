/** A server from an image, run by this host's container engine under the policy of the configuration. */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { McpoError } from '../../errors.ts'
import { isNativeFailure, stdioPipes } from '../../native/index.ts'
import type { ContainerUser } from '../../policy/container/engine.ts'
import { environmentLines } from '../../policy/container/environment.ts'
import { demandContainer, judgeContainer } from '../../policy/container/judge.ts'
import { type RunRequest, runArguments } from '../../policy/container/run.ts'
import type { Policy, Verdict } from '../../policy/model.ts'
import type { SandboxContext } from '../context.ts'
import { lookThroughGrants } from '../guards.ts'
import { readLayout } from '../layout.ts'
import { nativeError } from '../life.ts'
import type { ExitStatus, PassedSignal, SandboxedChild } from '../model.ts'
import { canonicalProtected } from '../protected.ts'
import { askEngine, type Engine } from './engine.ts'
import { startKeeper } from './keeper.ts'
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
  /** Less the file of variables. */
  readonly request: Omit<RunRequest, 'environmentFile'>
  readonly environment: string
}

/** What podman and docker exit with when they could not make the container. */
const engineFailed = 125

/** Throws NOT_FOUND, CONFIG_ERROR or SANDBOX_ERROR; whatever it throws, nothing was run. */
export async function startContainer(spec: ContainerSpec, context: SandboxContext): Promise<SandboxedChild> {
  const { verdicts, notes, engine, request, environment } = await prepareContainer(spec, context)
  const pipes = stdioPipes(null)
  if (isNativeFailure(pipes)) throw nativeError(pipes, `starting ${request.hostname}`)
  const folder = join(tmpdir(), request.name)
  await mkdir(folder, { mode: 0o700 })
  const environmentFile = join(folder, 'environment')
  try {
    await writeFile(environmentFile, environment, { mode: 0o600, flag: 'wx' })
    const args = runArguments({ ...request, environmentFile })
    const keeper = startKeeper({ engine, name: request.name, folder, args, stdio: pipes.child })
    const life = livesOf(keeper, spec.policy.name, engine)
    await untilSpawned(keeper)
    const [stdin, stdout, stderr] = pipes.parent
    const found = { engine: `${engine.facts.kind} ${engine.facts.version}`, image: request.image }
    return {
      pid: keeper.pid ?? -1,
      stdio: { stdin, stdout, stderr },
      verdicts,
      notes,
      proof: { found, refused: {} },
      ...life,
    }
  } catch (error) {
    for (const fd of pipes.parent) closeSync(fd)
    await rm(folder, { recursive: true, force: true })
    throw error
  } finally {
    for (const fd of pipes.child) closeSync(fd)
  }
}

/** Everything before the first process of the container. */
export async function prepareContainer(spec: ContainerSpec, context: SandboxContext): Promise<PreparedContainer> {
  const { policy, command, args, cwd, env } = spec
  const environment = environmentLines(policy.name, env)
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
  return { verdicts, notes, engine, request, environment }
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

function livesOf(
  keeper: ChildProcess,
  name: string,
  engine: Engine,
): Pick<SandboxedChild, 'exited' | 'signal' | 'kill'> {
  let isKilled = false
  const lifeline = keeper.stdio[3]
  lifeline?.on('error', () => {})
  const exited = new Promise<ExitStatus>((resolve) => {
    keeper.once('error', () => resolve({ code: null, signal: null }))
    keeper.once('exit', (code, signal) => {
      lifeline?.destroy()
      if (isKilled) resolve({ code: null, signal: 'SIGKILL' })
      else resolve(code === engineFailed ? { code, signal, failure: notMade(name, engine) } : { code, signal })
    })
  })
  const signal = (name: PassedSignal): void => {
    if (lifeline instanceof Writable && lifeline.writable) lifeline.write(`${name.slice('SIG'.length)}\n`)
  }
  const kill = (): void => {
    isKilled = true
    lifeline?.destroy()
  }
  return { exited, signal, kill }
}

function notMade(name: string, { facts: { kind } }: Engine): McpoError {
  return new McpoError('SANDBOX_ERROR', `cannot start ${name}: ${kind} could not make its container`, {
    hint: `what ${kind} said is in the log, as the server's stderr`,
  })
}

function untilSpawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
}
