/** Directives of systemd.exec(5) around a gateway: what is in the way of a sandbox is named, and what costs something is told. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { HostLine } from '../../../lib/cli/doctor/host-lines.ts'

const name = 'mcpo-doctor.service'
const report = '/run/mcpo-doctor.json'
const ordinary = 'mcp-one'

interface Directive {
  readonly lines: string
  readonly user: string
  readonly remedy: RegExp
}

/** Each with what `mcpo doctor` says is to be changed. */
const inTheWay: readonly Directive[] = [
  { lines: 'ProtectKernelTunables=yes', user: ordinary, remedy: /^take ProtectKernelTunables= [^P]* out of / },
  { lines: 'ProtectKernelLogs=yes', user: ordinary, remedy: /^take ProtectKernelLogs= out of / },
  { lines: 'ProtectHostname=yes', user: ordinary, remedy: /needs no ProtectHostname=/ },
  { lines: 'RestrictNamespaces=yes', user: ordinary, remedy: /needs no RestrictNamespaces=/ },
  { lines: 'RestrictNamespaces=user', user: ordinary, remedy: /needs no RestrictNamespaces=/ },
  { lines: 'RestrictSUIDSGID=yes', user: ordinary, remedy: /needs no RestrictSUIDSGID=/ },
  { lines: 'DynamicUser=yes', user: 'mcpo-dynamic', remedy: /nor DynamicUser=/ },
  { lines: 'RestrictAddressFamilies=AF_UNIX', user: ordinary, remedy: /AF_NETLINK in RestrictAddressFamilies=/ },
  {
    lines: 'SystemCallFilter=~mount fsopen\nSystemCallErrorNumber=EPERM',
    user: ordinary,
    remedy: /SystemCallFilter=@/,
  },
  { lines: 'SystemCallFilter=~mount fsopen', user: ordinary, remedy: /SystemCallFilter=@/ },
  { lines: 'PrivateUsers=yes', user: 'root', remedy: /^take PrivateUsers= out of .*, or give it User=$/ },
  { lines: 'CapabilityBoundingSet=', user: 'root', remedy: /in CapabilityBoundingSet= of .*, or give it User=$/ },
]

for (const { lines, user, remedy } of inTheWay) {
  t.test(`${lines.split('\n').join(' ')} of ${user}: nothing can start, and it is named`, async (t) => {
    const { code, line } = doctor(user, lines)
    t.equal(code, '3')
    t.match(line('empty sandbox'), { ok: false, needed: true, change: remedy })
  })
}

t.test('ProtectControlGroups=: servers can start, and the limits are told to be weaker', async (t) => {
  const { code, line } = doctor(ordinary, 'ProtectControlGroups=yes')
  t.equal(code, '0')
  t.match(line('cgroup v2'), { ok: false, found: /read-only/, change: /^take ProtectControlGroups= out of the unit/ })
})

t.test('RestrictNamespaces=: control groups are not said to lack a delegation', async (t) => {
  const { line } = doctor(ordinary, 'RestrictNamespaces=yes')
  t.match(line('cgroup v2'), { ok: false, change: /clone3\(2\), as RestrictNamespaces= / })
})

t.test('ordinary users may have a user namespace around them', async (t) => {
  const { code, line } = doctor(ordinary, 'PrivateUsers=yes')
  t.equal(code, '0')
  t.match([line('empty sandbox'), line('cgroup v2')], [{ ok: true }, { ok: true }])
})

t.test('MemoryDenyWriteExecute=: Node itself does not run', async (t) => {
  writeFileSync(report, '')
  const { code } = run(ordinary, 'MemoryDenyWriteExecute=yes')
  t.equal(code, '5', 'SIGTRAP')
  t.equal(readFileSync(report, 'utf8'), '')
})

interface Examined {
  /** The exit status, or the signal. */
  readonly code: string
  readonly line: (name: string) => HostLine | undefined
}

/** `mcpo doctor --json` as a service with these directives. */
function doctor(user: string, lines: string): Examined {
  const { code } = run(user, lines)
  const { host } = JSON.parse(readFileSync(report, 'utf8'))
  return { code, line: (name) => host.find((each: HostLine) => each.name === name) }
}

function run(user: string, lines: string): { code: string } {
  const command = 'ExecStart=/usr/local/bin/mcpo doctor --json'
  const output = `StandardOutput=truncate:${report}\nStandardError=null`
  const service = `Type=oneshot\n${command}\n${output}\nStateDirectory=mcp-one\nDelegate=yes\nUser=${user}`
  writeFileSync(`/run/systemd/system/${name}`, `[Service]\n${service}\n${lines}\n`)
  systemctl('daemon-reload')
  // Fails with the service.
  systemctl('start', name)
  return { code: systemctl('show', '--property', 'ExecMainStatus', '--value', name).trim() }
}

function systemctl(...args: readonly string[]): string {
  return spawnSync('systemctl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).stdout
}
