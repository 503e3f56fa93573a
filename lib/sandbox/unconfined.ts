/**
 * `sandbox.enabled = false`: an ordinary child process. Only where the configuration says so, never a fall-back: nothing
 * in this folder calls it after a failed start.
 *
 * It has a process group of its own, which is killed with it and when the gateway exits in an orderly way. What leaves
 * the group, and what runs when the gateway is killed, survives: that is what the sandbox is for.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { ownHome } from '../config/paths.ts'
import { isNativeFailure, stdioPipes } from '../native/index.ts'
import { unconfinedVerdicts } from '../policy/guarantees.ts'
import { findCommand } from './find.ts'
import { nativeError } from './life.ts'
import type { ExitStatus, LaunchSpec, PassedSignal, SandboxedChild } from './model.ts'

export type UnconfinedSpec = Omit<LaunchSpec, 'policy'> & { readonly name: string }

/** What a login would set; nothing else of the gateway's environment is passed on here either. */
const inheritedNames = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TERM']

export async function startUnconfined(spec: UnconfinedSpec, gateway: NodeJS.ProcessEnv): Promise<SandboxedChild> {
  const environment = { ...loginEnvironment(gateway, spec.secretVariables), ...spec.env }
  const executable = await findCommand(spec.command, { baseDir: spec.baseDir, environment })
  const pipes = stdioPipes(null)
  if (isNativeFailure(pipes)) throw nativeError(pipes, `starting ${spec.name}`)
  const child = spawn(executable, spec.args, {
    argv0: spec.command,
    cwd: spec.cwd ?? ownHome(),
    env: environment,
    detached: true,
    stdio: [...pipes.child],
  })
  const exited = untilExit(child)
  for (const fd of pipes.child) closeSync(fd)
  const [stdin, stdout, stderr] = pipes.parent
  try {
    await untilSpawned(child)
  } catch (error) {
    for (const fd of pipes.parent) closeSync(fd)
    throw error
  }
  const kill = (): void => killGroup(child)
  process.once('exit', kill)
  void exited.then(() => process.off('exit', kill))
  const signal = (name: PassedSignal): void => void child.kill(name)
  const stdio = { stdin, stdout, stderr }
  return { pid: child.pid ?? -1, stdio, verdicts: unconfinedVerdicts(), exited, signal, kill }
}

function loginEnvironment(gateway: NodeJS.ProcessEnv, secret: ReadonlySet<string>): Record<string, string> {
  const passed = inheritedNames.filter((name) => !secret.has(name)).map((name) => [name, gateway[name]] as const)
  return Object.fromEntries(passed.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function untilSpawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
}

/** What the server leaves behind in its group ends with it. */
function untilExit(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }))
    child.once('exit', (code, signal) => {
      killGroup(child, false)
      resolve({ code, signal })
    })
  })
}

/** A group whose leader was reaped is killed once more, by `untilExit` at that moment, and never later: its id may be another's by then. */
function killGroup(
  { pid, exitCode, signalCode }: ChildProcess,
  leaderEnded = exitCode !== null || signalCode !== null,
): void {
  if (pid === undefined || leaderEnded) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: nobody is left in the group.
  }
}
