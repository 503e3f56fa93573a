/** Processes of this machine, as the host sees them. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

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

/** Whether `condition` came true within the time. Nobody tells of the end of somebody else's process, so it is looked at. */
export async function within(ms: number, condition: () => boolean): Promise<boolean> {
  const end = performance.now() + ms
  while (!condition()) {
    if (performance.now() > end) return false
    await wait(10)
  }
  return true
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
