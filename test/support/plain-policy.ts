import { defaultTraffic, type Limits, type Policy } from '../../lib/policy/model.ts'

/** Nothing granted, no network; limits that nobody wrote. */
export function plainPolicy(name: string, changes: Partial<Policy> = {}): Policy {
  return {
    name,
    network: false,
    filesystem: { kind: 'readonly' },
    inheritEnvironment: false,
    allowPersistence: [],
    limits: unwritten(512, 100, 256),
    traffic: defaultTraffic,
    bestEffort: [],
    ...changes,
  }
}

export function unwritten(memoryMb: number, cpuPercent: number, pids: number): Limits {
  return limits(memoryMb, cpuPercent, pids, false)
}

export function written(memoryMb: number, cpuPercent: number, pids: number): Limits {
  return limits(memoryMb, cpuPercent, pids, true)
}

function limits(memoryMb: number, cpuPercent: number, pids: number, isWritten: boolean): Limits {
  const limit = (value: number) => ({ value, written: isWritten })
  return { memoryMb: limit(memoryMb), cpuPercent: limit(cpuPercent), pids: limit(pids) }
}
