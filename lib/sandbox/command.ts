/** Turns a command as written into what to execute and what to show for it. */
import { homedir } from 'node:os'
import { dirname, isAbsolute, resolve } from 'node:path'
import { McpoError } from '../errors.ts'
import type { ProtectedPaths, ResolvedProgram } from '../policy/layout.ts'
import { canonical } from './canonical.ts'
import { Exposure } from './exposure.ts'
import { commandFailure, findCommand } from './find.ts'
import { languageOf, showExecutable } from './interpreter.ts'
import { headOf, isExecutable, lookAt, realPathOf } from './look.ts'
import { showPackageOf } from './package-folder.ts'
import { scriptIndex } from './script-argument.ts'
import type { ShimContext } from './shims.ts'

export interface CommandRequest extends ShimContext {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string | null
  readonly protectedPaths: ProtectedPaths
}

/** Interpreters of interpreters; the kernel stops at five (BINPRM_MAX_RECURSION). */
const maxInterpreters = 4

/** Throws NOT_FOUND when there is no such command. */
export async function resolveCommand(request: CommandRequest): Promise<ResolvedProgram> {
  const exposure = new Exposure(await homes(request), await canonicalPaths(request.protectedPaths))
  const found = await findCommand(request.command, request)
  const executable = await showWithInterpreters(found, request, exposure, 0)
  const args = await showScript(executable, request, exposure)
  return {
    executable,
    argv: [argumentZero(request.command, executable), ...args],
    mounts: exposure.mounts,
    links: exposure.links,
    searchPath: exposure.searchPath,
  }
}

async function showWithInterpreters(
  found: string,
  request: CommandRequest,
  exposure: Exposure,
  depth: number,
): Promise<string> {
  if (depth > maxInterpreters)
    throw new McpoError('NOT_FOUND', `${request.command} is a script of a script, more than ${maxInterpreters} deep`)
  const real = (await realPathOf(found)) ?? found
  const line = shebangOf((await headOf(real, 256)) ?? '')
  if (line === null) return showExecutable(found, exposure)
  if (!(await isExecutable(line.program))) throw missingInterpreter(real, line.program)
  const named = line.program.endsWith('/env') ? envCommand(line.argument) : null
  await showWithInterpreters(line.program, request, exposure, depth + 1)
  if (named !== null) await showWithInterpreters(await findCommand(named, request), request, exposure, depth + 1)
  await showPackageOf(real, exposure)
  return showExecutable(found, exposure)
}

/** A relative path would be looked up from another working directory: python finds its virtual environment by it. */
function argumentZero(command: string, executable: string): string {
  return command.includes('/') && !isAbsolute(command) ? executable : command
}

/** Shows the script among the arguments of an interpreter. A relative one is meant from the working directory. */
async function showScript(executable: string, request: CommandRequest, exposure: Exposure): Promise<readonly string[]> {
  const { args, cwd, baseDir } = request
  const index = scriptIndex(languageOf((await realPathOf(executable)) ?? executable), args)
  const written = index === null ? undefined : args[index]
  if (written === undefined || index === null) return args
  const path = resolve(cwd ?? baseDir, written)
  const real = await realPathOf(path)
  if (real === null || (await lookAt(real)) === null) return args
  await showPackageOf(real, exposure)
  exposure.link(path, real)
  // With the private home as working directory a relative path would lead nowhere.
  return isAbsolute(written) || cwd !== null ? args : args.with(index, path)
}

function shebangOf(head: string): { program: string; argument: string } | null {
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
  const named = [homedir(), environment['HOME'] ?? homedir(), '/root']
  const real = await Promise.all(named.map(realPathOf))
  return [...new Set([...named, ...real.filter((path) => path !== null)])].filter((path) => dirname(path) !== path)
}

async function canonicalPaths(paths: ProtectedPaths): Promise<ProtectedPaths> {
  const all = async (list: readonly string[]): Promise<string[]> =>
    (await Promise.all(list.map(canonical))).map(({ path }) => path)
  return {
    closed: await all(paths.closed),
    folders: await all(paths.folders),
    hidden: await all(paths.hidden),
    secret: await all(paths.secret),
  }
}
