/** Processes of this machine, as the host sees them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Those that have `mark` among their arguments; the caller itself not counted. */
export function processesWith(mark: string): number[] {
  return pids().filter((pid) => pid !== process.pid && textOf(`/proc/${pid}/cmdline`).includes(mark))
}

export function childrenOf(pid: number): number[] {
  return pids().filter((each) => Number(/^PPid:\s*(\d+)/m.exec(textOf(`/proc/${each}/status`))?.[1]) === pid)
}

export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

export function isRunning(pid: number): boolean {
  return !/^State:\s*[ZX]/m.test(textOf(`/proc/${pid}/status`) || 'State: X')
}

/** The network namespaces of processes, as far as they may be known. */
export function networksOf(some: readonly number[] = pids()): string[] {
  return some.map((pid) => linkOf(`/proc/${pid}/ns/net`)).filter((link) => link !== '')
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** Open descriptors of a process. */
export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}
