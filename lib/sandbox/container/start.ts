/** A server from an image, run by this host's container engine under the policy of the configuration. */
import { closeSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Egress } from '../../egress/egress.ts'
import { isNativeFailure, launcherPath, type StdioTriple, stdioPipes } from '../../native/index.ts'
import {
  type EgressFiles,
  holderArguments,
  holderName,
  type RunRequest,
  runArguments,
  startArguments,
} from '../../policy/container/run.ts'
import { nameFiles } from '../../policy/network/name-files.ts'
import type { SandboxContext } from '../context.ts'
import type { Refusal } from '../events/model.ts'
import { tellEgress } from '../events/traffic.ts'
import { nativeError } from '../life.ts'
import type { Proof, SandboxedChild } from '../model.ts'
import { serveListeners } from '../way-out.ts'
import { askEngine, type Engine } from './engine.ts'
import { startKeeper } from './keeper.ts'
import { ContainerLife, untilSpawned } from './life.ts'
import { type FindProcess, openListeners, toldProcess, writtenProcess } from './listeners.ts'
import { type ContainerSpec, type PreparedContainer, prepareContainer } from './prepare.ts'

/** Of one container, in a folder that is the gateway's alone and ends with it. */
interface Files {
  readonly folder: string
  readonly environment: string
  /** `null`: there is no way out. */
  readonly egress: EgressFiles | null
}

interface WayOut {
  readonly egress: Egress | null
  /** That the container's network had no route before. */
  readonly refused: Proof['refused']
}

/** The first container of an image may have all of its files copied, or given to other ids. */
const makingTimeoutMs = 10 * 60_000

type OnEvent = (event: Refusal) => void

/**
 * Throws NOT_FOUND, CONFIG_ERROR or SANDBOX_ERROR; whatever it throws, nothing was run. `onEvent` hears of destinations that are refused,
 * until `exited` settles.
 */
export async function startContainer(
  spec: ContainerSpec,
  context: SandboxContext,
  onEvent: OnEvent = () => {},
): Promise<SandboxedChild> {
  const prepared = await prepareContainer(spec, context)
  const { verdicts, notes, engine, request } = prepared
  const pipes = stdioPipes(null)
  if (isNativeFailure(pipes)) throw nativeError(pipes, `starting ${request.hostname}`)
  const files = filesOf(prepared)
  try {
    await writeFiles(files, prepared)
    const life = await keep(prepared, files, pipes.child)
    const wayOut = await openWayOut(prepared, files, life, onEvent)
    const [stdin, stdout, stderr] = pipes.parent
    const found = { engine: `${engine.facts.kind} ${engine.facts.version}`, image: request.image }
    return {
      pid: life.pid,
      stdio: { stdin, stdout, stderr },
      verdicts,
      notes,
      proof: { found, refused: wayOut.refused },
      exited: life.exited.finally(() => wayOut.egress?.close()),
      signal: (name) => life.signal(name),
      kill: () => life.kill(),
    }
  } catch (error) {
    for (const fd of pipes.parent) closeSync(fd)
    await rm(files.folder, { recursive: true, force: true })
    throw error
  } finally {
    for (const fd of pipes.child) closeSync(fd)
  }
}

function filesOf({ request, egress }: PreparedContainer): Files {
  const folder = join(tmpdir(), request.name)
  const at = (name: string): string => join(folder, name)
  return {
    folder,
    environment: at('environment'),
    egress:
      egress === null
        ? null
        : { hosts: at('hosts'), resolver: at('resolv.conf'), pid: at('pid'), monitorPid: at('monitor-pid') },
  }
}

async function writeFiles(files: Files, { request, environment }: PreparedContainer): Promise<void> {
  await mkdir(files.folder, { mode: 0o700 })
  await writeFile(files.environment, environment, { mode: 0o600, flag: 'wx' })
  if (files.egress === null) return
  // Shown to the server, which is somebody else.
  const shown = { mode: 0o644, flag: 'wx' }
  const names = nameFiles(request.hostname)
  await writeFile(files.egress.hosts, names.hosts, shown)
  await writeFile(files.egress.resolver, names['resolv.conf'], shown)
}

/** Where there is a way out, its client waits for `goOn`. */
async function keep({ engine, request }: PreparedContainer, files: Files, stdio: StdioTriple): Promise<ContainerLife> {
  const { name, hostname } = request
  const waits = files.egress !== null
  const isMade = waits && engine.facts.kind === 'podman'
  const holder = waits && !isMade ? holderName(name) : null
  const args = isMade ? startArguments(name) : runArguments(completed(request, files))
  const keeper = startKeeper({ engine, name, holder, folder: files.folder, args, waits, stdio })
  const life = new ContainerLife(keeper, hostname, engine)
  await untilSpawned(keeper)
  return life
}

function completed(request: PreparedContainer['request'], { environment, egress }: Files): RunRequest {
  return { ...request, environmentFile: environment, egress }
}

/** The container's network is made, the gateway listens there, and only then the program is executed. */
async function openWayOut(
  { engine, request, egress, dialRules }: PreparedContainer,
  files: Files,
  life: ContainerLife,
  onEvent: OnEvent,
): Promise<WayOut> {
  if (files.egress === null || egress === null || dialRules === null) return { egress: null, refused: {} }
  const { hostname } = request
  try {
    const find = await makeNetwork(engine, completed(request, files), files.egress)
    const { sockets, refused } = await openListeners(hostname, egress, find)
    const served = serveListeners(sockets, dialRules, tellEgress(hostname, onEvent))
    life.goOn()
    return { egress: served, refused }
  } catch (error) {
    life.kill()
    await life.exited
    throw error
  }
}

/** podman stops before a program; docker cannot, and so has another container hold the network. */
async function makeNetwork(engine: Engine, request: RunRequest, files: EgressFiles): Promise<FindProcess> {
  const { name } = request
  if (engine.facts.kind === 'docker') {
    await askEngine(engine, holderArguments(request, launcherPath), makingTimeoutMs)
    return toldProcess(engine, holderName(name))
  }
  await askEngine(engine, runArguments(request), makingTimeoutMs)
  await askEngine(engine, ['init', name])
  return writtenProcess(files)
}
