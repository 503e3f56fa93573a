/** What this host can enforce: asked of the kernel, and then tried with an empty sandbox. */
import { McpoError } from '../errors.ts'
import { probe } from '../native/index.ts'
import { compile } from '../policy/compile.ts'
import type { CgroupFacts, HostFacts, StepFailure } from '../policy/host.ts'
import { defaultTraffic, type Policy } from '../policy/model.ts'
import { enterCgroups, without } from './cgroup/enter.ts'
import type { Subtree } from './cgroup/subtree.ts'
import { closeStdio } from './close.ts'
import { causeHere } from './host-cause.ts'
import { launch } from './launch.ts'
import { readLayout } from './layout.ts'
import { readSurroundings } from './surroundings.ts'

const dryRunTimeoutMs = 10_000

/** The weakest demands, so that only what every sandbox needs can fail. */
const emptyPolicy: Policy = {
  name: 'probe',
  network: false,
  filesystem: { kind: 'readonly' },
  inheritEnvironment: false,
  allowPersistence: [],
  limits: {
    memoryMb: { value: 64, written: false },
    cpuPercent: { value: 100, written: false },
    pids: { value: 16, written: false },
  },
  traffic: defaultTraffic,
  bestEffort: [],
}

/** What this host can hold, and our part of its cgroup tree: `null` where no server gets a control group. */
export interface Host {
  readonly facts: HostFacts
  readonly subtree: Subtree | null
}

/** Without trying: `sandboxFailure` is null whatever would come. Facts do not change while a gateway runs. */
export async function readHost(): Promise<Host> {
  const { facts, subtree } = await enterCgroups()
  return { facts: factsWith(facts), subtree }
}

/** Tries what was read. The same host comes back where a start works, in its control group too. `hostUid` as in a plan. */
export async function tryHost(host: Host, hostUid: number | null): Promise<Host> {
  const failure = await tryEmptySandbox(host, hostUid)
  if (failure === null) return host
  if (failure.step === 'user-namespace') return tryWithoutUserNamespace(host, failure, hostUid)
  if (host.subtree === null || !isOfCgroup(failure)) return failing(host, failure, hostUid)
  await host.subtree.leave()
  const lack = { reason: 'refused', detail: `${failure.step}: ${failure.errno}` } as const
  const { facts, subtree } = without(lack)
  return tryHost({ facts: { ...host.facts, cgroup: facts }, subtree }, hostUid)
}

/** Root can do without one, where there are none to be had. */
async function tryWithoutUserNamespace(host: Host, failure: StepFailure, hostUid: number | null): Promise<Host> {
  const failed = await failing(host, failure, hostUid)
  if (hostUid === null || host.facts.noUserNamespace !== null) return failed
  const facts = { ...host.facts, noUserNamespace: failed.facts.sandboxFailure }
  const other = await tryHost({ ...host, facts }, hostUid)
  return other.facts.sandboxFailure === null ? other : failed
}

/** Steps of starting in a control group: `cgroup`, `cgroup-clone`. */
function isOfCgroup({ step }: StepFailure): boolean {
  return step.startsWith('cgroup')
}

function factsWith(cgroup: CgroupFacts): HostFacts {
  return {
    ...probe(),
    cgroup,
    noUserNamespace: null,
    platform: process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux',
    arch: process.arch,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    sandboxFailure: null,
  }
}

async function failing({ facts, subtree }: Host, failure: StepFailure, hostUid: number | null): Promise<Host> {
  const likely = causeHere({ ...failure, uid: facts.uid, hostUid }, await readSurroundings())
  const sandboxFailure = { ...failure, cause: likely?.cause ?? null, remedy: likely?.remedy ?? null }
  return { facts: { ...facts, sandboxFailure }, subtree }
}

async function tryEmptySandbox({ facts, subtree }: Host, hostUid: number | null): Promise<StepFailure | null> {
  const nothing = { closed: [], folders: [], hidden: [], secret: [] }
  const program = { executable: '/usr/bin/true', argv: ['true'], mounts: [], links: [], searchPath: [] }
  try {
    const layout = await readLayout({
      policy: emptyPolicy,
      protectedPaths: nothing,
      programMounts: [],
      hostUid,
      timezone: undefined,
      writableGrants: [],
    })
    const environment = { explicit: {}, gateway: {}, secretVariables: new Set<string>() }
    const { plan, cgroup, verdicts } = compile({
      policy: emptyPolicy,
      program,
      cwd: null,
      environment,
      facts,
      layout: { ...layout, guarded: [] },
      hostUid,
      dryRun: true,
    })
    const child = await launch({
      name: emptyPolicy.name,
      plan,
      cgroup: subtree === null ? null : { subtree, settings: cgroup },
      limits: emptyPolicy.limits,
      verdicts,
      notes: [],
      dialRules: null,
      readyTimeoutMs: dryRunTimeoutMs,
      onEvent() {},
      explain: false,
    })
    closeStdio(child.stdio)
    await child.exited
    return null
  } catch (error) {
    return failureIn(error)
  }
}

function failureIn(error: unknown): StepFailure {
  if (!(error instanceof McpoError)) throw error
  const word = (name: string, otherwise: string): string => {
    const value = error.data?.[name]
    return typeof value === 'string' ? value : otherwise
  }
  return { step: word('step', 'start'), errno: word('errno', error.code), detail: word('detail', error.message) }
}
