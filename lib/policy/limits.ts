/** Resource limits of one server, in the units of setrlimit(2). Exact per process; what they do not add up to is said in the verdicts. */
import type { HostFacts } from './host.ts'
import type { Limits } from './model.ts'
import type { ResourceLimit, WatchPlan } from './plan.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** Sizes of the private temporary file systems, bytes and inodes. */
export const tmpfsSizes = {
  tmp: { sizeBytes: 256 * MiB, inodes: 65_536 },
  varTmp: { sizeBytes: 64 * MiB, inodes: 16_384 },
  home: { sizeBytes: 256 * MiB, inodes: 65_536 },
  run: { sizeBytes: 8 * MiB, inodes: 1024 },
  cover: { sizeBytes: 1 * MiB, inodes: 1024 },
  shm: 64 * MiB,
} as const

/** The largest file that a server may write. */
export const maxFileBytes = 4 * 1024 * MiB

/** Processes that a sandbox has besides the server's: its pid 1. */
const ownProcesses = 1

/**
 * Never RLIMIT_AS: WebAssembly and V8 reserve far more address space than they use. RLIMIT_DATA counts private
 * writable memory since Linux 4.7, so a reserve costs nothing; it stands in for a control group, which says what it did
 * where a process that is refused memory most often dies of something else.
 */
export function compileLimits(limits: Limits, facts: HostFacts): readonly ResourceLimit[] {
  return [
    { resource: 'core', value: 0 },
    ...processLimit(limits, facts),
    { resource: 'nofile', value: 8192 },
    { resource: 'sigpending', value: 1024 },
    { resource: 'msgqueue', value: 0 },
    { resource: 'memlock', value: 64 * KiB },
    { resource: 'fsize', value: maxFileBytes },
    { resource: 'nice', value: 0 },
    { resource: 'rtprio', value: 0 },
    ...memoryLimits(limits, facts),
  ]
}

/**
 * One more than the control group allows, which is asked later and counts what it refused. Without a user namespace the copies
 * of a server count together, since they have one uid: left to the control group, where there is one.
 */
function processLimit({ pids }: Limits, { cgroup, noUserNamespace }: HostFacts): ResourceLimit[] {
  const hasGroup = cgroup.controllers.includes('pids')
  if (noUserNamespace === null) return [{ resource: 'nproc', value: pids.value + ownProcesses + (hasGroup ? 1 : 0) }]
  // The launcher outside has the server's uid as well.
  return hasGroup ? [] : [{ resource: 'nproc', value: pids.value + ownProcesses + 1 }]
}

/**
 * RLIMIT_DATA counts the whole stack of a thread, used or not, and the C library makes stacks as large as RLIMIT_STACK says: 8 MiB
 * would leave room for 60 threads in 512 MiB. What recurses deeply (compilers) raises the limit itself; Node and Python ask for less
 * than half of this, whatever it is.
 */
function memoryLimits({ memoryMb }: Limits, { cgroup }: HostFacts): ResourceLimit[] {
  const stack = { resource: 'stack', value: 8 * MiB } as const
  if (cgroup.controllers.includes('memory')) return [stack]
  return [
    { ...stack, soft: 4 * MiB },
    { resource: 'data', value: memoryMb.value * MiB },
  ]
}

/** What the sandbox's pid 1 holds in place of the controllers that are missing. */
export function compileWatch({ cpuPercent, memoryMb }: Limits, { cgroup }: HostFacts): WatchPlan | null {
  const held = new Set(cgroup.controllers)
  const watch = {
    cpuPercent: held.has('cpu') ? 0 : cpuPercent.value,
    memoryMb: held.has('memory') ? 0 : memoryMb.value,
  }
  return watch.cpuPercent === 0 && watch.memoryMb === 0 ? null : watch
}
