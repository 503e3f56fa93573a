/** Why this host cannot build a sandbox: the failed step and what surrounds the gateway, together. */
import type { StepFailure } from '../policy/host.ts'
import { type LikelyCause, likelyCause } from './cause.ts'
import type { Surroundings } from './surroundings.ts'

/** Who failed, and where. */
export interface HostFailure extends StepFailure {
  readonly uid: number
  /** See `Plan.hostUid`. */
  readonly hostUid: number | null
}

type Explanation = (failure: HostFailure, around: Surroundings) => LikelyCause | null

const forbidden = ['EPERM', 'EACCES']
const namespaceSteps = ['user-namespace', 'namespaces', 'clone']

/** What root uses, by its number in capability.h. */
const usedByRoot = { CAP_CHOWN: 0n, CAP_SETGID: 6n, CAP_SETUID: 7n, CAP_SETPCAP: 8n, CAP_SYS_ADMIN: 21n } as const

/** What a start needs beyond systemd's own list for services (systemd-analyze syscall-filter, 252). */
const neededCalls =
  '@system-service @mount @pkey seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self sethostname setdomainname'

/** The first that knows. What depends on the surroundings comes before what any host may have. */
const explanations: readonly Explanation[] = [
  killedByFilter,
  noUserNamespaces,
  unmappedIds,
  rootWithoutRights,
  coveredProc,
  namespaceWithoutRights,
  refusedByFilter,
  (failure) => likelyCause(failure),
]

export function causeHere(failure: HostFailure, around: Surroundings): LikelyCause | null {
  for (const explain of explanations) {
    const found = explain(failure, around)
    if (found !== null) return found
  }
  return null
}

function killedByFilter({ errno }: HostFailure, around: Surroundings): LikelyCause | null {
  if (errno !== 'SIGSYS') return null
  return {
    cause: `${filterOf(around)} kills who asks for what a sandbox is made with`,
    remedy: letThrough(around, `SystemCallFilter=${neededCalls}`),
  }
}

function noUserNamespaces({ step, errno, uid }: HostFailure, around: Surroundings): LikelyCause | null {
  if (!namespaceSteps.includes(step)) return null
  const { sysctls, isFiltered } = around
  const orRoot = uid === 0 ? '' : ', or start the gateway as root'
  if (sysctls['user.max_user_namespaces'] === 0) {
    return {
      cause: 'user.max_user_namespaces = 0 forbids user namespaces',
      remedy: `set user.max_user_namespaces to 15000 or so (sysctl)${orRoot}`,
    }
  }
  if (!forbidden.includes(errno)) return null
  if (sysctls['kernel.unprivileged_userns_clone'] === 0 && uid !== 0) {
    return {
      cause: 'kernel.unprivileged_userns_clone = 0 forbids user namespaces to all but root',
      remedy: `set kernel.unprivileged_userns_clone to 1 (sysctl)${orRoot}`,
    }
  }
  if (!isFiltered) return null
  return {
    cause: `${filterOf(around)} forbids new namespaces`,
    remedy: letThrough(around, 'no RestrictNamespaces=, and the calls of @process in its SystemCallFilter='),
  }
}

/** Root in name: its user namespace knows only some ids. */
function unmappedIds({ hostUid }: HostFailure, { ids, unit }: Surroundings): LikelyCause | null {
  if (hostUid === null || ids.length === 0) return null
  if (ids.some(({ first, count }) => hostUid >= first && hostUid < first + count)) return null
  return {
    cause: `this root is one of a user namespace that has no uid ${hostUid}, which the server was to get`,
    remedy:
      unit === null
        ? 'set uid_range under [server] to ids that /proc/self/uid_map has, or start the gateway as an ordinary user'
        : `take PrivateUsers= out of ${unit}, or give it User=`,
  }
}

function rootWithoutRights({ errno, uid }: HostFailure, { capabilities, unit }: Surroundings): LikelyCause | null {
  if (uid !== 0 || !forbidden.includes(errno)) return null
  const missing = Object.entries(usedByRoot).filter(([, bit]) => (capabilities & (1n << bit)) === 0n)
  if (missing.length === 0) return null
  const names = missing.map(([name]) => name).join(', ')
  return {
    cause: `this root lacks ${names}`,
    remedy:
      unit === null
        ? `give the container ${names} (--cap-add), or start the gateway as an ordinary user`
        : `have ${names} in CapabilityBoundingSet= of ${unit}, or give it User=`,
  }
}

/** The kernel gives no new /proc to who does not see all of an old one (mount_too_revealing in fs/namespace.c). */
function coveredProc({ step, errno }: HostFailure, around: Surroundings): LikelyCause | null {
  const { coveredProc: covered, unit } = around
  if (step !== 'proc' || !forbidden.includes(errno) || covered.length === 0) return null
  const shown = `${covered.slice(0, 3).join(', ')}${covered.length > 3 ? ' …' : ''}`
  return {
    cause: `parts of this /proc are covered (${shown}), and so the kernel allows no new one`,
    remedy:
      unit === null
        ? 'start the container with an uncovered /proc (docker: --security-opt systempaths=unconfined, podman: --security-opt unmask=ALL, Kubernetes: procMount: Unmasked)'
        : `take ${procDirectives(covered).join(' and ')} out of ${unit}`,
  }
}

/** systemd.exec(5): which directive covers what. ProtectProc= and ProcSubset= only lay another /proc on top. */
function procDirectives(covered: readonly string[]): string[] {
  const log = '/proc/kmsg'
  const directives = [
    covered.some((path) => path !== log) ? 'ProtectKernelTunables= (or what else covers them)' : '',
    covered.includes(log) ? 'ProtectKernelLogs=' : '',
  ]
  return directives.filter((directive) => directive !== '')
}

/** Ubuntu 23.10 and later: whoever has no profile gets user namespaces without any capability in them. */
function namespaceWithoutRights({ step, errno, uid }: HostFailure, { sysctls }: Surroundings): LikelyCause | null {
  const isRestricted = (sysctls['kernel.apparmor_restrict_unprivileged_userns'] ?? 0) > 0
  if (!isRestricted || uid === 0 || !forbidden.includes(errno)) return null
  if (![...namespaceSteps, 'id-map', 'ids', 'private-mounts', 'root'].includes(step)) return null
  return {
    cause: "kernel.apparmor_restrict_unprivileged_userns = 1 takes every right away in an ordinary user's namespaces",
    remedy:
      'load an AppArmor profile with "userns," for mcpo-launch (SECURITY.md has one), set the sysctl to 0, or start the gateway as root',
  }
}

/** `SANDBOX_ERROR`: no step was tried, since the kernel answers that it has no such filters. */
function refusedByFilter({ step, errno, detail }: HostFailure, around: Surroundings): LikelyCause | null {
  if (!around.isFiltered || ![...forbidden, 'ENOSYS', 'EAFNOSUPPORT', 'SANDBOX_ERROR'].includes(errno)) return null
  const about = errno === 'SANDBOX_ERROR' || detail === '' ? '' : ` (${detail})`
  return {
    cause: `${filterOf(around)} refuses what the step "${step}"${about} asks for`,
    remedy: letThrough(around, directiveFor(step, errno)),
  }
}

/** What a unit must say for a step to pass. */
function directiveFor(step: string, errno: string): string {
  if (errno === 'EAFNOSUPPORT') return 'AF_INET, AF_INET6, AF_UNIX and AF_NETLINK in RestrictAddressFamilies='
  if (step === 'hostname') return 'no ProtectHostname=, and sethostname setdomainname in its SystemCallFilter='
  // The mode bits that openat2(2) takes are in memory, where such a filter cannot see them.
  if (step === 'open' && errno === 'ENOSYS') return 'no RestrictSUIDSGID=, nor DynamicUser=, which implies it'
  return `SystemCallFilter=${neededCalls}, or none`
}

function filterOf({ unit }: Surroundings): string {
  return `a system call filter of ${unit ?? 'the container or the program around this gateway'}`
}

function letThrough({ unit }: Surroundings, directive: string): string {
  return unit === null
    ? 'start it with a filter that lets these calls through (docker, podman: --security-opt seccomp=PROFILE, or unconfined)'
    : `${unit} needs ${directive}`
}
