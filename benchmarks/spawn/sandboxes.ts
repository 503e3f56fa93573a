/** Starting sandboxes from this process: by the addon alone, and by everything that a gateway does for a server. */
import { openSync } from 'node:fs'
import { isNativeFailure, launcherPath, type NativeChild, spawn } from '../../lib/native/index.ts'
import { defaultTraffic, type Policy } from '../../lib/policy/model.ts'
import type { Plan } from '../../lib/policy/plan.ts'
import { closeStdio } from '../../lib/sandbox/close.ts'
import { createContext, type SandboxContext } from '../../lib/sandbox/context.ts'
import { Life } from '../../lib/sandbox/life.ts'
import type { LaunchSpec } from '../../lib/sandbox/model.ts'
import { prepareLaunch, startServer } from '../../lib/sandbox/start.ts'

const unwritten = (value: number) => ({ value, written: false })

const policy: Policy = {
  name: 'bench',
  network: false,
  filesystem: { kind: 'readonly' },
  inheritEnvironment: false,
  allowPersistence: [],
  limits: { memoryMb: unwritten(512), cpuPercent: unwritten(50), pids: unwritten(256) },
  traffic: defaultTraffic,
  bestEffort: [],
}

const spec: LaunchSpec = {
  policy,
  command: '/bin/true',
  args: [],
  cwd: null,
  baseDir: '/',
  env: {},
  secretVariables: new Set(),
}

export class Sandboxes {
  readonly #context: SandboxContext
  readonly #nothing = openSync('/dev/null', 'r+')
  readonly #plan: Plan

  private constructor(plan: Plan, context: SandboxContext) {
    this.#plan = plan
    this.#context = context
  }

  static async open(): Promise<Sandboxes> {
    const context = createContext({ configFile: null, environment: process.env })
    return new Sandboxes((await prepareLaunch(spec, context, { passing: true })).plan, context)
  }

  /** The addon's spawn of /bin/true; settles when its launcher is reaped. `blockedMs`: how long the call itself took. */
  async spawn(): Promise<{ blockedMs: number }> {
    const before = performance.now()
    const child = this.#spawn()
    const blockedMs = performance.now() - before
    const { code, signal } = await new Life(child).exited
    if (code !== 0) throw new Error(`/bin/true ended with ${code ?? signal}`)
    return { blockedMs }
  }

  /** A server from its policy to its end. */
  async start(): Promise<void> {
    const child = await startServer(spec, this.#context, { passing: true })
    closeStdio(child.stdio)
    const { code, signal } = await child.exited
    if (code !== 0) throw new Error(`/bin/true ended with ${code ?? signal}`)
  }

  close(): Promise<void> {
    return this.#context.close()
  }

  #spawn(): NativeChild {
    const stdio = [this.#nothing, this.#nothing, this.#nothing] as const
    const child = spawn(this.#plan, { launcher: launcherPath, stdio, cgroup: null, refusals: 'told' })
    if (isNativeFailure(child)) throw new Error(`${child.stage}: ${child.errno}`)
    return child
  }
}
