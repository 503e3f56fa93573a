/** What a group counted, and which limits it ran into: memory.events, pids.events, cpu.stat (cgroup-v2.rst). */
import { posix } from 'node:path'
import type { Limits } from '../../policy/model.ts'
import type { LimitHit, Usage } from '../model.ts'
import { type CgroupFiles, counters } from './files.ts'

export async function readUsage(folder: string, files: CgroupFiles): Promise<Usage> {
  const [cpu, peak] = await Promise.all([
    counters(posix.join(folder, 'cpu.stat'), files),
    // Linux 5.19
    files.read(posix.join(folder, 'memory.peak')).then(Number, () => null),
  ])
  return {
    cpuMs: Math.round((cpu.get('usage_usec') ?? 0) / 1000),
    throttledMs: Math.round((cpu.get('throttled_usec') ?? 0) / 1000),
    memoryPeakBytes: peak,
  }
}

/** Memory and processes: to be slowed down by max_cpu_percent is no event but the way it is held (`Usage.throttledMs`). */
export async function readHits(folder: string, limits: Limits, files: CgroupFiles): Promise<LimitHit[]> {
  const [memory, pids] = await Promise.all([
    counters(posix.join(folder, 'memory.events'), files),
    counters(posix.join(folder, 'pids.events'), files),
  ])
  const hits: LimitHit[] = []
  const kills = memory.get('oom_kill') ?? 0
  const failures = memory.get('oom') ?? 0
  // `max` alone is no hit: the kernel took back what was only cached.
  if (kills > 0 || failures > 0) {
    hits.push({ limit: 'max_memory_mb', value: limits.memoryMb.value, times: Math.max(failures, 1), killed: kills > 0 })
  }
  const refused = pids.get('max') ?? 0
  if (refused > 0) hits.push({ limit: 'max_pids', value: limits.pids.value, times: refused, killed: false })
  return hits
}
