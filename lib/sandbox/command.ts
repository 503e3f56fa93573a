/** Turns a command as written into what to execute and what to show for it. */
import { dirname, isAbsolute, resolve } from 'node:path'
import { ownHome } from '../config/paths.ts'
import { McpoError } from '../errors.ts'
import type { ProtectedPaths, ResolvedProgram } from '../policy/layout.ts'
import { Exposure } from './exposure.ts'
import { commandFailure, findCommand } from './find.ts'
import { languageOf, showExecutable } from './interpreter.ts'
import { headOf, isExecutable, lookAt, realPathOf } from './look.ts'
import { OwnGrants } from './own-grants.ts'
import { showModulesAbove, showPackageOf } from './package-folder.ts'
import { scriptIndex } from './script-argument.ts'
import type { ShimContext } from './shims.ts'

export interface CommandRequest extends ShimContext {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string | null
  /** Canonical. */
  readonly protectedPaths: ProtectedPaths
  /** What the policy grants for writing: the server's own words are found there. */
  readonly writable: readonly string[]
}

interface Finding {
  readonly request: CommandRequest
  readonly exposure: Exposure
  readonly own: OwnGrants
}

/** Interpreters of interpreters; the kernel stops at five (BINPRM_MAX_RECURSION). */
const maxInterpreters = 4

/** Throws NOT_FOUND when there is no such command. */
export async function resolveCommand(request: CommandRequest): Promise<ResolvedProgram> {
  const exposure = new Exposure(await homes(request), request.protectedPaths)
  const finding = { request, exposure, own: await OwnGrants.of(request.writable) }
  const found = await findCommand(request.command, request)
  const executable = await showWithInterpreters(found, finding, 0)
  const args = await showScript(executable, finding)
  return {
    executable,
    argv: [argumentZero(request.command, executable), ...args],
    mounts: exposure.mounts,
    links: exposure.links,
    searchPath: exposure.searchPath,
  }
}

async function showWithInterpreters(found: string, finding: Finding, depth: number): Promise<string> {
  const { request, exposure, own } = finding
  if (depth > maxInterpreters)
    throw new McpoError('NOT_FOUND', `${request.command} is a script of a script, more than ${maxInterpreters} deep`)
  await own.demandNotLedOut(dirname(found))
  await own.demandProgram(found)
  const real = (await realPathOf(found)) ?? found
  const line = shebangOf((await headOf(real, 256)) ?? '')
  if (line === null) return showExecutable(found, exposure)
  if (!(await isExecutable(line.program))) throw missingInterpreter(real, line.program)
  for (const interpreter of await interpretersOf(line, request)) {
    await own.demandInterpreter(real, interpreter)
    await showWithInterpreters(interpreter, finding, depth + 1)
  }
  await showCodeOf(real, finding)
  return showExecutable(found, exposure)
}

/** The program of the first line, and the one that env(1) looks for. */
async function interpretersOf(line: FirstLine, request: CommandRequest): Promise<string[]> {
  const named = line.program.endsWith('/env') ? envCommand(line.argument) : null
  return named === null ? [line.program] : [line.program, await findCommand(named, request)]
}

/** A script in a folder that its server may write is shown by the grant already. */
async function showCodeOf(script: string, { exposure, own }: Finding): Promise<void> {
  const granted = own.around(script)
  if (granted === null) {
    await showPackageOf(script, exposure)
    return
  }
  exposure.show(granted)
  await showModulesAbove(dirname(granted), exposure)
}

/** A relative path would be looked up from another working directory: python finds its virtual environment by it. */
function argumentZero(command: string, executable: string): string {
  return command.includes('/') && !isAbsolute(command) ? executable : command
}

/** Shows the script among the arguments of an interpreter. A relative one is meant from the working directory. */
async function showScript(executable: string, finding: Finding): Promise<readonly string[]> {
  const { args, cwd, baseDir } = finding.request
  const index = scriptIndex(languageOf((await realPathOf(executable)) ?? executable), args)
  const written = index === null ? undefined : args[index]
  if (written === undefined || index === null) return args
  const path = resolve(cwd ?? baseDir, written)
  const real = await realPathOf(path)
  if (real === null || (await lookAt(real)) === null) return args
  await finding.own.demandNotLedOut(path)
  await showCodeOf(real, finding)
  finding.exposure.link(path, real)
  // With the private home as working directory a relative path would lead nowhere.
  return isAbsolute(written) || cwd !== null ? args : args.with(index, path)
}

interface FirstLine {
  readonly program: string
  readonly argument: string
}

function shebangOf(head: string): FirstLine | null {
  const match = /^#![ \t]*(\S+)[ \t]*(.*)/.exec(head)
  return match?.[1] === undefined || !isAbsolute(match[1])
    ? null
    : { program: match[1], argument: match[2]?.trim() ?? '' }
}

function missingInterpreter(script: string, interpreter: string): McpoError {
  return new McpoError(
    'NOT_FOUND',
    `cannot execute ${script}: ${interpreter}, which its first line names, is not there or not executable`,
    {
      hint: 'install it, or name another interpreter as the command',
      data: { command: script, exitCode: commandFailure.notFound },
    },
  )
}

/** The command of `#!/usr/bin/env [-S] [NAME=value …] command`. */
function envCommand(argument: string): string | null {
  return argument.split(/\s+/).find((word) => word !== '' && !word.startsWith('-') && !word.includes('=')) ?? null
}

async function homes({ environment }: CommandRequest): Promise<readonly string[]> {
  const named = [ownHome(), environment['HOME'] ?? ownHome(), '/root']
  const real = await Promise.all(named.map(realPathOf))
  return [...new Set([...named, ...real.filter((path) => path !== null)])].filter((path) => dirname(path) !== path)
}
