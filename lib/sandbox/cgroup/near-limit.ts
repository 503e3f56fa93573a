/**
 * Tells when a server comes near its memory limit, by memory.high as a tripwire. Above it the kernel takes back what is only
 * cached, which is welcome, and then slows every allocation down, for seconds each, so that a server that has nothing to give
 * back crawls and answers nothing. So the wire is lifted once it has told, and laid again when memory was given back.
 */
import { posix } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { memoryHighBytes } from '../../policy/cgroup.ts'
import type { Limits } from '../../policy/model.ts'
import type { LimitNear } from '../model.ts'
import { type CgroupFiles, counters } from './files.ts'

/** A group full of cache trips the wire all the time. */
const cachedPauseMs = 1000
const relayPauseMs = 30_000
/** Of the wire: held memory that counts as near, and the memory below which the wire is laid again. */
const nearShare = 0.95
const farShare = 0.8

export interface NearLimitWatch {
  readonly folder: string
  readonly limits: Limits
  readonly files: CgroupFiles
  readonly onNear: (near: LimitNear) => void
  /** Ends the watch. */
  readonly signal: AbortSignal
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Settles when `signal` is aborted or the group is gone. Never rejects. */
export async function watchNearLimit(watch: NearLimitWatch): Promise<void> {
  await followWire(watch).catch(() => {})
}

async function followWire(watch: NearLimitWatch): Promise<void> {
  const { limits, onNear, signal, pause = pauseUnreferenced } = watch
  const wire = memoryHighBytes(limits)
  for (let trips = 0; !signal.aborted; ) {
    trips = await tripsAfter(trips, watch)
    const usedBytes = await heldBytes(watch)
    if (usedBytes < wire * nearShare) {
      await pause(cachedPauseMs, signal)
      continue
    }
    await layWire('max', watch)
    signal.throwIfAborted()
    onNear({ limit: 'max_memory_mb', value: limits.memoryMb.value, usedBytes })
    do await pause(relayPauseMs, signal)
    while ((await heldBytes(watch)) > wire * farShare)
    trips = await tripsSoFar(watch)
    await layWire(String(wire), watch)
  }
}

function layWire(value: string, { folder, files }: NearLimitWatch): Promise<void> {
  return files.write(posix.join(folder, 'memory.high'), value)
}

/** Waits until the wire was tripped more often than `trips`. Rejects when the watch ends. */
function tripsAfter(trips: number, watch: NearLimitWatch): Promise<number> {
  const { folder, files, signal } = watch
  const ended = new AbortController()
  return new Promise<number>((resolve, reject) => {
    const look = (): void => {
      tripsSoFar(watch).then((found) => found > trips && resolve(found), reject)
    }
    const unwatch = files.watch(posix.join(folder, 'memory.events'), look)
    ended.signal.addEventListener('abort', unwatch)
    signal.addEventListener('abort', () => reject(signal.reason), { signal: ended.signal })
    // It may have been tripped before it was watched.
    look()
  }).finally(() => ended.abort())
}

async function tripsSoFar({ folder, files }: NearLimitWatch): Promise<number> {
  return (await counters(posix.join(folder, 'memory.events'), files)).get('high') ?? 0
}

/** All but what the kernel can take back: files that are not in a tmpfs, and caches of its own. */
async function heldBytes({ folder, files }: NearLimitWatch): Promise<number> {
  const [current, stat] = await Promise.all([
    files.read(posix.join(folder, 'memory.current')).then(Number),
    counters(posix.join(folder, 'memory.stat'), files),
  ])
  const of = (name: string): number => stat.get(name) ?? 0
  return current - (of('file') - of('shmem')) - of('slab_reclaimable')
}

async function pauseUnreferenced(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false })
}
