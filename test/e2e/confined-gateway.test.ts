/** A gateway that is confined itself, as service units and containers do it: what it cannot build it refuses, and names what is in the way. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import type { DoctorReport } from '../../lib/cli/doctor/report.ts'
import { packageFolder } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

interface Confined {
  /** What the gateway is started by. */
  readonly by: readonly string[]
  readonly cause: RegExp
  readonly remedy: RegExp
}

const isRoot = process.getuid?.() === 0
const home = makePlace(t).folder
const refused = { perm: 1, unknown: 38, family: 97 }
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const namespaceFlags = '0x7e020000'
const filter = /system call filter of .+ (forbids|refuses)/
const masked = 'ProtectKernelTunables=, or the /proc of a container'
const letThrough = /lets these calls through|needs /

const cases: Record<string, Confined> = {
  'RestrictNamespaces=': {
    by: filtered(`clone:0:${namespaceFlags}=${refused.perm}`, `clone3=${refused.unknown}`, `unshare=${refused.perm}`),
    cause: filter,
    remedy: letThrough,
  },
  'SystemCallFilter= with an errno': { by: filtered(`mount=${refused.perm}`), cause: filter, remedy: letThrough },
  'SystemCallFilter= that kills': { by: filtered('fsopen=kill'), cause: /SIGSYS.* kills who asks/, remedy: letThrough },
  'a filter without seccomp(2)': { by: filtered(`seccomp=${refused.perm}`), cause: filter, remedy: letThrough },
  'RestrictSUIDSGID=': { by: filtered(`openat2=${refused.unknown}`), cause: filter, remedy: letThrough },
  'ProtectHostname=': { by: filtered(`sethostname=${refused.perm}`), cause: filter, remedy: letThrough },
  'RestrictAddressFamilies=AF_UNIX': {
    by: filtered(`socket:0:2=${refused.family}`),
    cause: filter,
    remedy: letThrough,
  },
  [masked]: {
    by: amongMounts('mount --bind /proc/sys /proc/sys'),
    cause: /parts of this \/proc are covered \(\/proc\/sys\)/,
    remedy: /systempaths=unconfined|ProtectKernelTunables=/,
  },
  'user.max_user_namespaces = 0': {
    by: ['unshare', '-r', 'sh', '-ec', asOrdinary('echo 1 >/proc/sys/user/max_user_namespaces'), 'sh'],
    cause: /step "user-namespace" failed with ENOSPC/,
    remedy: /user\.max_user_namespaces/,
  },
  'user.max_net_namespaces = 0': {
    by: ['unshare', '-r', 'sh', '-ec', asOrdinary('echo 0 >/proc/sys/user/max_net_namespaces'), 'sh'],
    cause: /step "namespaces" failed with ENOSPC \(network\): no more namespaces of one kind/,
    remedy: /user\.max_net_namespaces/,
  },
  'root that knows one uid only': {
    by: ['unshare', '-r'],
    cause: /this root is one of a user namespace that has no uid \d+/,
    remedy: /uid_range|PrivateUsers=/,
  },
  ...(isRoot
    ? {
        'CapabilityBoundingSet=': {
          by: ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'],
          cause: /this root lacks CAP_SYS_ADMIN/,
          remedy: /CAP_SYS_ADMIN/,
        },
      }
    : {}),
}

for (const [what, { by, cause, remedy }] of Object.entries(cases)) {
  t.test(`${what}: mcpo sandbox run refuses, and runs nothing`, async (t) => {
    const { status, stdout, stderr } = mcpo(by, 'sandbox', 'run', '--', 'echo', 'ran')
    t.same([status, stdout], [125, ''])
    t.match(stderr, cause)
    t.match(stderr, remedy)
    t.ok(stderr.split('\n').length <= 3, 'two lines')
  })
}

for (const what of ['SystemCallFilter= that kills', masked, 'user.max_user_namespaces = 0']) {
  t.test(`${what}: mcpo doctor says so, and exits with 3`, async (t) => {
    const { by = [], cause, remedy } = cases[what] ?? {}
    const { status, stdout } = mcpo(by, 'doctor', '--json')
    t.equal(status, 3)
    const { host }: DoctorReport = JSON.parse(stdout)
    const line = host.find(({ name }) => name === 'empty sandbox')
    t.match(line, { ok: false, needed: true, found: cause, change: remedy })
  })
}

const harmless: Record<string, readonly string[]> = {
  'nothing around it': [],
  'a filter for something else': filtered(`pivot_root:0:0=${refused.perm}`),
  'a filter that lets nobody change into a namespace': filtered(`setns=${refused.perm}`),
  'a filter that lets nobody leave a namespace': filtered(`unshare=${refused.perm}`),
  'NoNewPrivileges=': ['setpriv', '--no-new-privs'],
  'ProtectProc=': underProc('hidepid=invisible'),
  'RestrictAddressFamilies= of what is needed': filtered(`socket:0:40=${refused.family}`),
  'a kernel without Landlock': filtered(`landlock_create_ruleset=${refused.unknown}`),
}

for (const [what, by] of Object.entries(harmless)) {
  t.test(`${what}: nothing is in the way`, async (t) => {
    t.match(mcpo(by, 'sandbox', 'run', '--', 'echo', 'ran'), { status: 0, stdout: 'ran\n', stderr: '' })
  })
}

const lackingLimits: Record<string, { by: readonly string[]; errno: string }> = {
  'ProcSubset=': { by: underProc('subset=pid'), errno: 'ENOENT' },
  'a filter that lets nobody change into a user namespace': {
    by: filtered(`setns:1:0x10000000=${refused.perm}`),
    errno: 'EROFS',
  },
}

for (const [what, { by, errno }] of Object.entries(lackingLimits)) {
  t.test(`${what}: the server runs, and notes say which limits cannot be set`, async (t) => {
    const ran = mcpo(by, 'sandbox', 'run', '--', 'echo', 'ran')
    t.match(ran, { status: 0, stdout: 'ran\n' })
    t.match(
      ran.stderr,
      new RegExp(
        `^mcpo: the filter alone keeps .*\\(${errno}\\)\nmcpo: the server can use up the file watches .*\\(${errno}\\)\n$`,
      ),
    )
  })
}

t.test(
  'a filter that has no listeners: calls are refused all the same, and a note says that nobody is told',
  async (t) => {
    const by = filtered('seccomp:1:8=22')
    const { status, stdout, stderr } = mcpo(by, 'sandbox', 'run', '--', 'sh', '-c', 'unshare -r true || echo refused')
    t.same([status, stdout], [0, 'refused\n'])
    t.match(stderr, /refused will not be told/)
  },
)

function filtered(...rules: readonly string[]): string[] {
  return [join(packageFolder, 'build/test/probes/filtered'), ...rules, '--']
}

/** A mount namespace of its own, changed by a shell command; the user stays who it is. */
function amongMounts(command: string, ...flags: readonly string[]): string[] {
  const asUser = isRoot ? [] : ['--user', '--map-current-user', '--keep-caps']
  return ['unshare', '--mount', ...asUser, ...flags, 'sh', '-ec', `${command}; exec "$@"`, 'sh']
}

/** The same with another /proc on top: it needs a pid namespace that is ours. */
function underProc(options: string): string[] {
  return amongMounts(`mount -t proc -o ${options} proc /proc`, '--pid', '--fork')
}

/** A shell script for root of a user namespace, which ends as an ordinary user of another one within that. */
function asOrdinary(command: string): string {
  return `${command}; exec unshare -U --map-user=1000 --map-group=1000 "$@"`
}

function mcpo(by: readonly string[], ...args: readonly string[]) {
  const [program = '', ...line] = [...by, process.execPath, join(packageFolder, 'bin/mcpo.js'), ...args]
  const env = { PATH: process.env['PATH'], HOME: home }
  return spawnSync(program, line, { encoding: 'utf8', env, cwd: home, timeout: 120_000 })
}
