/** The limits of one server as its own control group has them, and why there may be none. Files and units: cgroup-v2.rst of Linux. */
import type { CgroupController, CgroupLack, HostFacts } from './host.ts'
import type { Limits } from './model.ts'

/** Written into a new group before anything runs in it. */
export interface CgroupSetting {
  readonly file: string
  readonly value: string
  /** The kernel may have been built without it. */
  readonly isOptional: boolean
}

const MiB = 1024 * 1024
/** Processes that a group has besides the server's: the launcher and pid 1 of the sandbox. */
const ownProcesses = 2
const cpuPeriodUs = 100_000
/** Where a server is near its limit, of which it is told. */
const highShare = 0.9

/** Empty where this host has no controller to give. */
export function compileCgroup(limits: Limits, { cgroup }: HostFacts): readonly CgroupSetting[] {
  return cgroup.controllers.flatMap((controller) => settingsOf(controller, limits))
}

/** memory.high, which `sandbox/cgroup/near-limit.ts` lifts as soon as the server is there. */
export function memoryHighBytes({ memoryMb }: Pick<Limits, 'memoryMb'>): number {
  return Math.floor(memoryMb.value * MiB * highShare)
}

function settingsOf(controller: CgroupController, { memoryMb, cpuPercent, pids }: Limits): CgroupSetting[] {
  switch (controller) {
    case 'memory':
      return [
        setting('memory.max', memoryMb.value * MiB),
        setting('memory.high', memoryHighBytes({ memoryMb })),
        // Without swap support in the kernel there is nothing to bound.
        { ...setting('memory.swap.max', 0), isOptional: true },
        // All of a server or nothing: half of it would not answer any more.
        setting('memory.oom.group', 1),
      ]
    case 'cpu':
      return [setting('cpu.max', `${(cpuPercent.value * cpuPeriodUs) / 100} ${cpuPeriodUs}`)]
    case 'pids':
      return [setting('pids.max', pids.value + ownProcesses)]
  }
}

function setting(file: string, value: number | string): CgroupSetting {
  return { file, value: String(value), isOptional: false }
}

/** For verdicts and `mcpo doctor`: a sentence without its full stop, and what would help. */
export function lackInWords({ reason, detail }: CgroupLack, uid: number): { cause: string; remedy: string } {
  const delegate =
    uid === 0
      ? 'write Delegate=yes under [Service] in the unit, or start it with: systemd-run --scope -p Delegate=yes mcpo …'
      : 'start it with: systemd-run --user --scope -p Delegate=yes mcpo … (a unit: Delegate=yes under [Service])'
  const unified =
    'boot with systemd.unified_cgroup_hierarchy=1 and cgroup_no_v1=all; a container needs a writable cgroup2 mount of its own (--cgroupns=private)'
  const letIn = 'use Linux 5.7 or later, and no filter that refuses clone3(2), as RestrictNamespaces= of a unit does'
  switch (reason) {
    case 'absent':
      return { cause: 'cgroup v2 is not mounted here', remedy: unified }
    case 'elsewhere':
      return { cause: 'the control group of this process is outside of what is mounted here', remedy: unified }
    case 'no-controllers':
      return {
        cause: `cgroup v2 has none of the controllers memory, cpu and pids here (${detail}; they may be in cgroup v1)`,
        remedy: unified,
      }
    case 'read-only':
      return {
        cause: `the cgroup tree is read-only here (${detail})`,
        remedy:
          'take ProtectControlGroups= out of the unit; in a container mount it writable (podman: --security-opt unmask=/sys/fs/cgroup, docker: a rw bind with --cgroupns=private)',
      }
    case 'not-delegated':
      return { cause: `the control group of this process (${detail}) is not delegated to it`, remedy: delegate }
    case 'occupied':
      return {
        cause: `other processes are in the control group ${detail}, and it is not known to be delegated`,
        remedy: delegate,
      }
    case 'missing':
      return {
        cause: `the control group of this process has no ${detail.split(' ').join(' and no ')} controller`,
        remedy: 'write Delegate=cpu memory pids under [Service] in the unit (for users: in a drop-in of user@.service)',
      }
    case 'refused':
      return {
        cause: `no control group can be made: ${detail}`,
        remedy: detail.startsWith('cgroup-clone') ? letIn : delegate,
      }
  }
}
