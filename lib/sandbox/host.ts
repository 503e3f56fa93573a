/** What this host can enforce: asked of the kernel, and then tried with an empty sandbox. */
import { McpoError } from '../errors.ts'
import { probe } from '../native/index.ts'
import { compile } from '../policy/compile.ts'
import type { HostFacts, StepFailure } from '../policy/host.ts'
import type { Policy } from '../policy/model.ts'
import { closeStdio } from './close.ts'
import { launch } from './launch.ts'
import { readLayout } from './layout.ts'

const dryRunTimeoutMs = 10_000

/** The weakest demands, so that only what every sandbox needs can fail. */
const emptyPolicy: Policy = {
  name: 'probe',
  network: false,
  filesystem: { kind: 'readonly' },
  inheritEnvironment: false,
  limits: {
    memoryMb: { value: 64, written: false },
    cpuPercent: { value: 100, written: false },
    pids: { value: 16, written: false },
  },
  bestEffort: [],
}

/** Cached by whoever holds the context: facts do not change while a gateway runs. `hostUid` as in a plan. */
export async function readHostFacts(hostUid: number | null): Promise<HostFacts> {
  const found = probe()
  const facts: HostFacts = {
    ...found,
    platform: process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux',
    arch: process.arch,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    sandboxFailure: null,
  }
  return { ...facts, sandboxFailure: await tryEmptySandbox(facts, hostUid) }
}

async function tryEmptySandbox(facts: HostFacts, hostUid: number | null): Promise<StepFailure | null> {
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
    const { plan, verdicts } = compile({
      policy: emptyPolicy,
      program,
      cwd: null,
      environment,
      facts,
      layout,
      hostUid,
      dryRun: true,
    })
    const child = await launch({ name: 'an empty sandbox', plan, verdicts, notes: [], readyTimeoutMs: dryRunTimeoutMs })
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
