/**
 * What `mcpo sandbox run` does, once its flags are known. Standard input, output and error are the caller's; the exit
 * status is the command's, 128 + n when signal n ended it. As with env(1) and chroot(1): 125 when the sandbox could not
 * be set up, 126 when the command cannot be executed, 127 when there is none.
 */
import { resolve } from 'node:path'
import { McpoError, toMcpoError } from '../../errors.ts'
import { judge } from '../../policy/guarantees.ts'
import type { Policy } from '../../policy/model.ts'
import { isInside } from '../../policy/paths.ts'
import { createContext, type SandboxContext } from '../../sandbox/context.ts'
import type { SandboxEvent } from '../../sandbox/events/model.ts'
import { started } from '../../sandbox/events/started.ts'
import { eventInWords, terminalSafe, terminalSafeJson, terminalSafeLines } from '../../sandbox/events/words.ts'
import type { Launched, LaunchRequest } from '../../sandbox/launch.ts'
import { lookDirectly } from '../../sandbox/look.ts'
import type { ExitStatus, LaunchSpec } from '../../sandbox/model.ts'
import { readByThreads } from '../../sandbox/records.ts'
import { exitCodeOfStatus } from '../exit-code.ts'
import { FirstStart } from './first-start.ts'
import type { RunFlags } from './flags.ts'
import { policyAsToml, policyFromFlags } from './policy-flags.ts'
import { writeError } from './standard-error.ts'

const setupFailed = 125

/** Never rejects: sets the exit code. */
export async function runSandbox(flags: RunFlags): Promise<void> {
  try {
    process.exitCode = await run(flags, commandLine())
  } catch (thrown) {
    const error = toMcpoError(thrown)
    const words = `mcpo: ${error.message}\n${error.hint === undefined ? '' : `mcpo: ${error.hint}\n`}`
    writeError(`${terminalSafeLines(words)}${stderrOf(error)}`)
    process.exitCode = exitCodeOf(error)
  }
}

async function run(flags: RunFlags, [command, ...args]: readonly string[]): Promise<number> {
  const policy = policyFromFlags(flags, process.cwd())
  if (flags['print-policy']) {
    process.stdout.write(policyAsToml(policy))
    return 0
  }
  lookDirectly()
  readByThreads()
  const context = createContext({ configFile: null, environment: process.env, isTrialPutOff: true })
  try {
    if (command === undefined) return await withoutCommand(flags, policy, context)
    return await runCommand(specFor(flags, policy, command, args), context, flags)
  } finally {
    await context.close()
  }
}

async function runCommand(
  spec: LaunchSpec,
  context: SandboxContext,
  { json, explain, uid }: RunFlags,
): Promise<number> {
  const onEvent = (event: SandboxEvent): void => tellEvent(event, json)
  const start = new FirstStart(context, { explain, uid, onEvent, onNote: tellNote })
  const { prepared, relay, signals, child } = await start.run(spec)
  relay.start()
  for (const note of child.notes?.slice(prepared.notes.length) ?? []) tellNote(note)
  if (json) writeError(`${JSON.stringify(enforced(spec.policy, prepared, child))}\n`)
  const status = await child.exited
  await relay.finish()
  tellLimits(status, json)
  if (status.failure !== undefined) throw status.failure
  return signals.exitCode ?? exitCodeOfStatus(status) ?? setupFailed
}

function tellNote(note: string): void {
  writeError(`mcpo: ${terminalSafe(note)}\n`)
}

/** With `--json` a second object, when there was a control group to count. */
function tellLimits({ code, signal, hits, usage }: ExitStatus, json: boolean): void {
  if (hits === undefined || !json) return
  writeError(`${JSON.stringify({ ended: { code, signal, hits, usage } })}\n`)
}

/** A start that failed is what this command ends with: it is told once. */
function tellEvent(event: SandboxEvent, json: boolean): void {
  if (json) writeError(`${terminalSafeJson({ event })}\n`)
  else if (event.type !== 'sandbox.start-failed' && !isRoutine(event)) writeError(`mcpo: ${eventInWords(event)}\n`)
}

function isRoutine(event: SandboxEvent): boolean {
  if (event.type === 'sandbox.traffic') return true
  return event.type === 'sandbox.call-refused' && event.routine
}

/** Everything behind the first `--`, as it stands. */
function commandLine(): readonly string[] {
  const separator = process.argv.indexOf('--')
  return separator < 0 ? [] : process.argv.slice(separator + 1)
}

async function withoutCommand(flags: RunFlags, policy: Policy, context: SandboxContext): Promise<number> {
  if (!flags.json) {
    throw new McpoError('INVALID_REQUEST', 'no command to run', {
      hint: 'mcpo sandbox run [options] -- COMMAND [ARG…]',
    })
  }
  await context.tryNow()
  const verdicts = judge(policy, (await context.host()).facts)
  process.stdout.write(`${JSON.stringify({ policy, verdicts })}\n`)
  return 0
}

function specFor(flags: RunFlags, policy: Policy, command: string, args: readonly string[]): LaunchSpec {
  const here = process.cwd()
  const isVisible =
    policy.filesystem.kind === 'paths' && policy.filesystem.grants.some(({ path }) => isInside(here, path))
  const cwd = flags.cwd === undefined ? (isVisible ? here : null) : resolve(here, flags.cwd)
  return { policy, command, args, cwd, baseDir: here, env: variables(flags.env), secretVariables: new Set() }
}

function variables(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.indexOf('=')
      if (end < 1) throw new McpoError('INVALID_REQUEST', `--env wants NAME=value, not ${JSON.stringify(line)}`)
      return [line.slice(0, end), line.slice(end + 1)]
    }),
  )
}

/** The event of the start, with the policy and what the plan has of it. */
function enforced(policy: Policy, { plan, cgroup }: LaunchRequest, child: Launched): object {
  const { root, hostUid, shareNetwork, mounts, landlock, executable, argv, cwd, rlimits } = plan
  const shown = mounts.flatMap((mount) =>
    mount.op === 'bind' ? [`${mount.target}${mount.access === 'ro' ? ':ro' : ''}`] : [],
  )
  const summary = {
    root,
    hostUid,
    shareNetwork,
    shown,
    landlockRules: landlock?.rules.length ?? null,
    rlimits,
    cgroup: cgroup?.settings ?? null,
    executable,
    argv,
    cwd,
  }
  return { ...started(policy.name, child), policy, plan: summary }
}

function exitCodeOf({ data }: McpoError): number {
  const code = data?.['exitCode']
  return typeof code === 'number' ? code : setupFailed
}

function stderrOf({ data }: McpoError): string {
  const text = data?.['stderr']
  return typeof text === 'string' ? `${text}\n` : ''
}
