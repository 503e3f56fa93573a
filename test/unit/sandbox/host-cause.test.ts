/** A failed step and what surrounds the gateway in, cause and remedy out: down to the sysctl, or the directive of the unit. */
import t from 'tap'
import { causeHere, type HostFailure } from '../../../lib/sandbox/host-cause.ts'
import type { Surroundings } from '../../../lib/sandbox/surroundings.ts'

const user = { uid: 1000, hostUid: null }
const root = { uid: 0, hostUid: 61_184 }
const free: Surroundings = {
  sysctls: {
    'user.max_user_namespaces': 96_365,
    'kernel.unprivileged_userns_clone': null,
    'kernel.apparmor_restrict_unprivileged_userns': null,
  },
  isFiltered: false,
  capabilities: 0x1ff_ffff_ffffn,
  ids: [{ first: 0, count: 4_294_967_295 }],
  coveredProc: [],
  unit: null,
}

interface Case {
  readonly who?: Pick<HostFailure, 'uid' | 'hostUid'>
  readonly failed: readonly [step: string, errno: string]
  readonly around: Partial<Surroundings>
  readonly cause: RegExp
  readonly remedy: RegExp
}

const sysctl = (name: keyof Surroundings['sysctls'], value: number): Partial<Surroundings> => ({
  sysctls: { ...free.sysctls, [name]: value },
})
const unit = 'mcpo.service'
const filtered = { isFiltered: true, unit }

const cases: Record<string, Case> = {
  'user.max_user_namespaces = 0, for a user': {
    failed: ['user-namespace', 'ENOSPC'],
    around: sysctl('user.max_user_namespaces', 0),
    cause: /^user\.max_user_namespaces = 0 forbids/,
    remedy: /set user\.max_user_namespaces to 15000.* or start the gateway as root/,
  },
  'user.max_user_namespaces = 0, for root': {
    who: root,
    failed: ['user-namespace', 'ENOSPC'],
    around: sysctl('user.max_user_namespaces', 0),
    cause: /^user\.max_user_namespaces = 0/,
    remedy: /\(sysctl\)$/,
  },
  'as many as there may be': { failed: ['user-namespace', 'ENOSPC'], around: {}, cause: /no more/, remedy: /raise/ },
  "Debian's kernel.unprivileged_userns_clone = 0": {
    failed: ['user-namespace', 'EPERM'],
    around: sysctl('kernel.unprivileged_userns_clone', 0),
    cause: /^kernel\.unprivileged_userns_clone = 0/,
    remedy: /to 1 \(sysctl\), or start the gateway as root/,
  },
  "Ubuntu's namespace without capabilities": {
    failed: ['private-mounts', 'EACCES'],
    around: sysctl('kernel.apparmor_restrict_unprivileged_userns', 1),
    cause: /apparmor_restrict_unprivileged_userns = 1 takes every right/,
    remedy: /profile with "userns,"/,
  },
  'RestrictNamespaces=': {
    failed: ['user-namespace', 'EPERM'],
    around: filtered,
    cause: /filter of mcpo\.service forbids new namespaces/,
    remedy: /^mcpo\.service needs no RestrictNamespaces=/,
  },
  "a container's filter": {
    failed: ['user-namespace', 'EPERM'],
    around: { isFiltered: true },
    cause: /filter of the container or the program around/,
    remedy: /--security-opt seccomp=/,
  },
  'a security module, or a chroot': {
    failed: ['user-namespace', 'EPERM'],
    around: {},
    cause: /chroot/,
    remedy: /root/,
  },
  'SystemCallFilter= that kills': {
    failed: ['launcher', 'SIGSYS'],
    around: filtered,
    cause: /kills who asks/,
    remedy: /^mcpo\.service needs SystemCallFilter=@system-service @mount .*landlock_restrict_self/,
  },
  'SystemCallFilter= with SystemCallErrorNumber=': {
    failed: ['private-mounts', 'ENOSYS'],
    around: filtered,
    cause: /refuses what the step "private-mounts"/,
    remedy: /SystemCallFilter=@system-service @mount/,
  },
  'a filter without seccomp(2)': {
    failed: ['start', 'SANDBOX_ERROR'],
    around: filtered,
    cause: /filter of mcpo\.service/,
    remedy: /seccomp/,
  },
  'RestrictSUIDSGID=, which DynamicUser= implies': {
    failed: ['open', 'ENOSYS'],
    around: filtered,
    cause: /step "open" \(x\)/,
    remedy: /no RestrictSUIDSGID=, nor DynamicUser=/,
  },
  'ProtectHostname=': { failed: ['hostname', 'EPERM'], around: filtered, cause: /filter/, remedy: /ProtectHostname=/ },
  'RestrictAddressFamilies=': {
    failed: ['loopback', 'EAFNOSUPPORT'],
    around: filtered,
    cause: /"loopback"/,
    remedy: /AF_INET, AF_INET6, AF_UNIX and AF_NETLINK in RestrictAddressFamilies=/,
  },
  'ProtectKernelTunables=': {
    failed: ['proc', 'EPERM'],
    around: { coveredProc: ['/proc/acpi', '/proc/bus', '/proc/fs', '/proc/kallsyms'], unit },
    cause: /parts of this \/proc are covered \(\/proc\/acpi, \/proc\/bus, \/proc\/fs …\)/,
    remedy: /^take ProtectKernelTunables= [^P]*out of mcpo\.service$/,
  },
  'ProtectKernelLogs=': {
    failed: ['proc', 'EPERM'],
    around: { coveredProc: ['/proc/kmsg'], unit },
    cause: /\/proc\/kmsg/,
    remedy: /^take ProtectKernelLogs= out of mcpo\.service$/,
  },
  "a container's /proc": {
    failed: ['proc', 'EPERM'],
    around: { coveredProc: ['/proc/kcore'] },
    cause: /\/proc\/kcore/,
    remedy: /systempaths=unconfined/,
  },
  'no whole /proc at all': {
    failed: ['proc', 'EPERM'],
    around: {},
    cause: /no \/proc is to be seen/,
    remedy: /uncovered/,
  },
  'PrivateUsers=': {
    who: root,
    failed: ['fchown', 'EINVAL'],
    around: { ids: [{ first: 0, count: 1 }], unit },
    cause: /has no uid 61184/,
    remedy: /PrivateUsers= out of mcpo\.service/,
  },
  'a container without ids': {
    who: root,
    failed: ['fchown', 'EINVAL'],
    around: { ids: [{ first: 0, count: 1 }] },
    cause: /has no uid 61184/,
    remedy: /uid_range/,
  },
  'CapabilityBoundingSet=': {
    who: root,
    failed: ['bind', 'EPERM'],
    around: { capabilities: 0x1ff_ffdf_ffffn, unit },
    cause: /lacks CAP_SYS_ADMIN$/,
    remedy: /CAP_SYS_ADMIN in CapabilityBoundingSet= of mcpo\.service/,
  },
  'a container that drops capabilities': {
    who: root,
    failed: ['groups', 'EPERM'],
    around: { capabilities: 0n },
    cause: /lacks CAP_CHOWN, CAP_SETGID/,
    remedy: /--cap-add/,
  },
}

for (const [what, { who = user, failed, around, cause, remedy }] of Object.entries(cases)) {
  t.test(what, async (t) => {
    const [step, errno] = failed
    const found = causeHere({ step, errno, detail: 'x', ...who }, { ...free, ...around })
    t.match(found, { cause, remedy })
  })
}

t.test('an ordinary user without capabilities is not told to get some', async (t) => {
  const found = causeHere({ step: 'bind', errno: 'EACCES', detail: '/srv', ...user }, { ...free, capabilities: 0n })
  t.notMatch(found?.cause, /CAP_/)
})

t.test('what has nothing to do with the surroundings has the cause that it has anywhere', async (t) => {
  const found = causeHere({ step: 'launcher', errno: 'EMFILE', detail: '', ...root }, { ...free, isFiltered: true })
  t.match(found, { cause: 'too many open files' })
  t.equal(causeHere({ step: 'unheard-of', errno: 'EXDEV', detail: '', ...user }, free), null)
})
