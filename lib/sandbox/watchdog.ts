/**
 * Where no control group counts a server's memory: looks at all its processes together, and ends the server above the limit.
 * Late by up to a quarter of a second, and blind to what nobody has mapped: a verdict with it is never more than partial.
 */
import { readdir, readFile } from 'node:fs/promises'
import type { LimitHit } from './model.ts'

/** From the end of one look to the next, so that a busy machine is looked at less often. */
const pauseMs = 250
/** More than any limit of processes that makes sense here; a tree that grows while it is walked has an end. */
const maxProcesses = 4096

/** Returns what is to be called at the server's end, and then tells whether this ended it. `launcher`: process id. */
export function watchMemory(launcher: number, limitMb: number, end: () => void): () => LimitHit[] {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const hits: LimitHit[] = []
  const look = async (): Promise<void> => {
    const isAbove = (await isAboveKb(launcher, limitMb * 1024)) && !stopped
    if (isAbove) {
      hits.push({ limit: 'max_memory_mb', value: limitMb, times: 1, killed: true })
      end()
    } else if (!stopped) {
      timer = setTimeout(look, pauseMs).unref()
    }
  }
  timer = setTimeout(look, pauseMs).unref()
  return () => {
    stopped = true
    clearTimeout(timer)
    return hits
  }
}

/** Counted twice where processes share, first, which is cheap; exactly only when that is too much. Program files do not count. */
async function isAboveKb(launcher: number, limitKb: number): Promise<boolean> {
  const processes = await descendants(launcher)
  if (sum(await Promise.all(processes.map(residentKb))) <= limitKb) return false
  return sum(await Promise.all(processes.map(proportionalKb))) > limitKb
}

async function residentKb(pid: number): Promise<number> {
  return sumOf(await textOf(`/proc/${pid}/status`), /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)
}

/** A process that does not let itself be looked into counts with all it has. */
async function proportionalKb(pid: number): Promise<number> {
  const text = await textOf(`/proc/${pid}/smaps_rollup`)
  return text === '' ? residentKb(pid) : sumOf(text, /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm)
}

/** Everything in a pid namespace descends from its first process, which is the launcher's child. */
async function descendants(launcher: number): Promise<number[]> {
  const found = [launcher]
  for (let index = 0; index < found.length && found.length < maxProcesses; index++) {
    found.push(...(await childrenOf(found[index] ?? 0)))
  }
  return found.slice(1)
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/children`)))
  return lists.flatMap((list) => list.split(' ').filter((word) => word !== '')).map(Number)
}

function sumOf(text: string, pattern: RegExp): number {
  return sum([...text.matchAll(pattern)].map(([, kb]) => Number(kb)))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

/** Empty for a process that has ended. */
function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
