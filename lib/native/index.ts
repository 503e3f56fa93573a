/**
 * The N-API border, typed: the only file that touches the addon, loaded on first use. Nothing throws but a missing addon;
 * a system call that fails comes back as a `NativeFailure`. Every descriptor handed out belongs to the caller.
 */
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { McpoError } from '../errors.ts'
import type { Plan } from '../policy/plan.ts'
import { changedSince } from './built-from.ts'
import { errnoName, signalName } from './names.ts'

export { errnoName, signalName } from './names.ts'
export { decodeStatus, type RefusedCall, type SeenAccess, type StatusRecord } from './status.ts'

/** Cheap facts from system calls; never throws. */
export interface NativeProbe {
  readonly kernel: string
  readonly landlockAbi: number
  readonly seccompFilter: boolean
  /** Refused system calls can be told. */
  readonly userNotification: boolean
  readonly pidfd: boolean
  readonly idmappedMounts: boolean
}

/** All descriptors are close-on-exec; `status` and `refusals` are blocking. They belong to the caller. */
export interface NativeChild {
  /** Process id of the launcher (host pid namespace), parent of the sandbox's pid 1. */
  readonly pid: number
  readonly pidfd: number
  /** Read end: status records (see `decodeStatus`), end of file when the launcher is gone. */
  readonly status: number
  /**
   * Write end, non-blocking: the sandbox ends when it closes. Hold it as long as the server may live. A byte is the number of a signal that
   * is passed on to the server (`native/linux/passed_signals.h`).
   */
  readonly lifeline: number
  /** A file: the last `progress` record, from its start. Nothing, as long as there was none. */
  readonly step: number
  /**
   * Read end: status records of the kinds `refusal` and `access`; end of file with the server's last process, and after `reap` has answered
   * at the latest.
   */
  readonly refusals: number
}

/**
 * What becomes of the system calls that a server's filter refuses with EPERM. `answered`: the kernel answers, nobody hears
 * of it. `told`: one thread of ours answers, and tells. `explained`: it hears of file accesses as well before they are made,
 * for diagnosis. Where the kernel cannot, all is as if `answered`; where an outer sandbox does the same, a note says so.
 */
export type Refusals = 'answered' | 'told' | 'explained'

export interface NativeSpawnOptions {
  /** Absolute path of `mcpo-launch`. */
  readonly launcher: string
  /** Descriptors that become 0, 1, 2 of the server. Not closed by spawn. */
  readonly stdio: readonly [number, number, number]
  /** Descriptor of the folder of the control group in which the launcher starts; `null` for our own. Not closed by spawn. */
  readonly cgroup: number | null
  readonly refusals: Refusals
}

export interface NativeFailure {
  /** The call or argument that failed: `clone`, `exec-launcher`, `plan.mounts[3].target`. */
  readonly stage: string
  /** errno name, `EPERM`. */
  readonly errno: string
}

/** Three descriptors for stdin, stdout and stderr. */
export type StdioTriple = readonly [number, number, number]

export interface NativeStdioPipes {
  /** For `spawn`; close them after it. */
  readonly child: StdioTriple
  /** The gateway's ends, non-blocking. */
  readonly parent: StdioTriple
}

export interface NativeEnding {
  readonly code: number | null
  /** Signal name, `SIGKILL`. */
  readonly signal: string | null
}

/** What the addon itself speaks: errno and signals as numbers. */
interface Addon {
  probe(): NativeProbe
  writtenMs(path: string): number | RawFailure
  stdioPipes(owner: number | null): NativeStdioPipes | RawFailure
  spawn(
    plan: Plan,
    launcher: string,
    stdio: StdioTriple,
    cgroup: number | null,
    refusals: Refusals,
  ): NativeChild | RawFailure
  reap(pidfd: number): { code: number; signal: number } | RawFailure | null
  signal(pidfd: number, signal: number): RawFailure | null
  openLocked(folder: string, exclusive: boolean): { fd: number } | RawFailure
  isMarkedDelegated(folder: string): boolean | RawFailure
  hasProcesses(uid: number): boolean | RawFailure
  isTerminal(fd: number): boolean | RawFailure
  leave(code: number): RawFailure
  explainFilter(): string
  serverFilter(refusals: Refusals): Uint8Array
  scanChunk(chunk: Uint8Array, from: number, state: Int32Array, records: Int32Array): number
}

interface RawFailure {
  readonly stage: string
  readonly errno: number
}

/** The package's folder: beside `lib` in the sources, two above it in `dist/lib`. */
const packageRoot = findPackageRoot(import.meta.dirname)
let loaded: Addon | undefined

/** Absolute path of the launcher that belongs to this addon. */
export const launcherPath = join(packageRoot, 'build', 'Release', 'mcpo-launch')

/** What the kernel offers. */
export function probe(): NativeProbe {
  return addon().probe()
}

/**
 * Three pipes, all close-on-exec, for a server's stdin, stdout and stderr. `owner`: uid and gid that they belong to, so that
 * a server with ids of its own can open /dev/stdout; null for our own.
 */
export function stdioPipes(owner: number | null): NativeStdioPipes | NativeFailure {
  const pipes = addon().stdioPipes(owner)
  return isRawFailure(pipes) ? toFailure(pipes) : pipes
}

/**
 * Starts the launcher on the plan and returns once its exec is done (about 0.1 ms, whatever the heap). What then becomes of
 * the sandbox is told on `status`. The launcher ends with the thread that called this, unless `reap` has answered for it.
 */
export function spawn(plan: Plan, options: NativeSpawnOptions): NativeChild | NativeFailure {
  const child = addon().spawn(plan, options.launcher, options.stdio, options.cgroup, options.refusals)
  return isRawFailure(child) ? toFailure(child) : child
}

/** How the launcher ended, or null while it runs. Answers once: after that the process id is free. */
export function reap(pidfd: number): NativeEnding | NativeFailure | null {
  const ending = addon().reap(pidfd)
  if (ending === null) return null
  if (isRawFailure(ending)) return toFailure(ending)
  if (ending.signal === 0) return { code: ending.code, signal: null }
  return { code: null, signal: signalName(ending.signal) }
}

/** Sends a signal to the launcher; null when it was sent. `ESRCH` when it has ended. */
export function signal(pidfd: number, name: NodeJS.Signals): NativeFailure | null {
  const failure = addon().signal(pidfd, constants.signals[name])
  return failure === null ? null : toFailure(failure)
}

/**
 * Opens a folder and locks it (flock), without waiting: `EAGAIN` when another's lock is in the way. Closing the descriptor
 * ends the lock, and so does the end of this process.
 */
export function openLocked(folder: string, lock: 'shared' | 'exclusive'): number | NativeFailure {
  const opened = addon().openLocked(folder, lock === 'exclusive')
  return isRawFailure(opened) ? toFailure(opened) : opened.fd
}

/** Whether systemd marked this control group as delegated (Delegate=yes). */
export function isMarkedDelegated(folder: string): boolean {
  return addon().isMarkedDelegated(folder) === true
}

/** Whether a process that can be seen from here has this real user id. One that cannot be a user id other than root's is in use. */
export function hasProcesses(uid: number): boolean {
  return addon().hasProcesses(uid) !== false
}

/** As node:tty says it, which loads node:net. */
export function isTerminal(fd: number): boolean {
  return addon().isTerminal(fd) === true
}

/** Whether the addon was needed so far. */
export function isLoaded(): boolean {
  return loaded !== undefined
}

/**
 * Ends this process now: Node is not taken down piece by piece, which takes 2 ms, and nobody is told. Returns where the addon
 * was not needed so far, and for a code that is none.
 */
export function leave(code: number): void {
  loaded?.leave(code)
}

/** The server's system call filter in words, with its listing. */
export function explainFilter(): string {
  return addon().explainFilter()
}

/** The server's system call filter: `struct sock_filter` by `struct sock_filter`, 8 bytes each. */
export function serverFilter(refusals: Refusals): Uint8Array {
  return addon().serverFilter(refusals)
}

/** The native twin of `scanChunkJs`; contract in `lib/protocol/scan.ts`. */
export function scanChunk(chunk: Uint8Array, from: number, state: Int32Array, records: Int32Array): number {
  return addon().scanChunk(chunk, from, state, records)
}

/** Tells a failure from a result. */
export function isNativeFailure(value: object | number | null): value is NativeFailure {
  return typeof value === 'object' && value !== null && 'stage' in value && 'errno' in value
}

function addon(): Addon {
  loaded ??= load(join(packageRoot, 'build', 'Release', 'mcp_one.node'))
  return loaded
}

function load(path: string): Addon {
  const hint = 'build it: `npm run build:native` in the folder of mcp-one'
  if (!existsSync(path)) throw new McpoError('SANDBOX_ERROR', `the native addon is missing: ${path}`, { hint })
  const exports = open(path, hint)
  const changed = changedSince(packageRoot, join(dirname(path), 'built-from.json'), exports.writtenMs)
  if (changed !== null) {
    throw new McpoError('SANDBOX_ERROR', `the native addon was built before ${changed} was changed`, { hint })
  }
  // The addon is built with this file, from the same commit: its shape is ours.
  return exports as Addon
}

function open(path: string, hint: string): Partial<Addon> {
  try {
    const module = { exports: {} }
    process.dlopen(module, path)
    return module.exports
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new McpoError('SANDBOX_ERROR', `the native addon cannot be loaded: ${reason}`, { hint, cause })
  }
}

function isRawFailure(value: object): value is RawFailure {
  return 'stage' in value && 'errno' in value
}

function toFailure(failure: RawFailure): NativeFailure {
  return { stage: failure.stage, errno: errnoName(failure.errno) }
}

/** The nearest folder above that holds package.json; `start` itself where there is none. */
function findPackageRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) return start
  }
}
