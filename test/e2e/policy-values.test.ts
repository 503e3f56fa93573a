/** Every value of `filesystem`, `network` and `best_effort`, once each through `mcpo serve`, by what a tool call can do. */
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { basename, join } from 'node:path'
import t from 'tap'
import { type Guarantee, guarantees } from '../../lib/policy/model.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { makePlace } from '../support/place.ts'
import { attackThrough, fixtureTable, makeConfig, mcpo, serve, sessionOf } from '../support/serve.ts'
import { strengthsHere } from '../support/strengths.ts'

const look = `
def probe_network():
    with socket.create_connection(('127.0.0.1', port), 2):
        pass
act('read granted', lambda: read(f'{granted}/file'))
act('write granted', lambda: write(f'{granted}/new-{name}'))
act('read shown', lambda: read(f'{shown}/file'))
act('write shown', lambda: write(f'{shown}/new'))
act('read the host', lambda: read(host))
act('write the host', lambda: write('/etc/mcpo-new'))
act('private tmp', lambda: write(mine + name))
act('host listener', probe_network)
tell('pids', len([entry for entry in os.listdir('/proc') if entry.isdigit()]))
tell('status', {line.split(':')[0]: line.split()[1] for line in read('/proc/self/status').splitlines() if line.startswith(('CapEff', 'NoNewPrivs', 'Seccomp:', 'Uid'))})
tell('environment', 'PLAIN' in os.environ)
`

/** What every confined server finds, whatever its policy. */
const confined = { status: { CapEff: '0000000000000000', NoNewPrivs: '1', Seccomp: '2', Uid: '1000' } }
const noWrite = /^E(ROFS|ACCES)$/

await enforceable(t, 'each value does what it says', async (t) => {
  const place = makePlace(t)
  const [granted, shown] = [join(place.file('granted/file'), '..'), join(place.file('shown/file'), '..')]
  const listener = createServer((socket) => socket.end().on('error', () => {})).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => new Promise((resolve) => listener.close(resolve)))
  const list = JSON.stringify([granted, `${shown}:ro`])
  // A file that everybody may read, and that no minimal root shows.
  const host = ['/etc/debian_version', '/etc/issue', '/etc/fstab', '/etc/shells'].find(existsSync) ?? '/etc/hosts'

  // In /tmp, whosever that is.
  const mine = `/tmp/${basename(place.folder)}-`
  t.teardown(() => rmSync(`${mine}full`, { force: true }))

  // Below /tmp, which `host-readonly` replaces, neither folder is there; with `full` both are as on the host.
  const values = {
    readonly: [
      'filesystem = "readonly"',
      { 'read granted': 'ENOENT', 'read shown': 'ENOENT', 'read the host': 'ENOENT', 'host listener': 'ECONNREFUSED' },
    ],
    paths: [
      `filesystem = ${list}`,
      {
        'read granted': 'allowed',
        'write granted': 'allowed',
        'read shown': 'allowed',
        'write shown': 'EROFS',
        'read the host': 'ENOENT',
      },
    ],
    'host-readonly': [
      'filesystem = "host-readonly"',
      { 'read the host': 'allowed', 'read granted': 'ENOENT', 'private tmp': 'allowed' },
    ],
    full: [
      'filesystem = "full"',
      { 'read the host': 'allowed', 'read granted': 'allowed', 'write granted': 'allowed', 'write shown': 'allowed' },
    ],
    'no-network': ['network = false', { 'host listener': 'ECONNREFUSED' }],
    'host-network': [
      'network = "host"\nallow_gateway_access = true',
      { 'host listener': 'allowed', 'read the host': 'ENOENT' },
    ],
  } as const
  const toml = Object.entries(values).map(([name, [lines]]) => fixtureTable(name, 'unchecked.mjs', lines))
  const serving = await serve(t, makeConfig(t, toml.join(''), { PLAIN: 'plain' }))
  const given = { granted, shown, host, mine, port: (listener.address() as AddressInfo).port }
  for (const [name, [, expected]] of Object.entries(values)) {
    const session = await sessionOf(serving, name)
    const found = await attackThrough(session, look, { ...given, name })
    t.match(
      found,
      { ...confined, 'private tmp': 'allowed', 'write the host': noWrite, pids: 3, environment: false, ...expected },
      name,
    )
    t.equal(existsSync(mine + name), name === 'full', `${name}: tmp is its own`)
    await session.end()
  }
  t.ok(existsSync(join(granted, 'new-paths')))
  t.ok(existsSync(join(granted, 'new-full')))
})

/** A limit that cannot be held in full here is what best_effort is for; for what holds anyway it changes nothing. */
const limits: Partial<Record<Guarantee, string>> = {
  memory: 'max_memory_mb = 700',
  cpu: 'max_cpu_percent = 70',
  pids: 'max_pids = 40',
}

/** Of a resource whose limit a control group holds, in the words of Python. */
const unlimited = -1

const guaranteed = `
resource = __import__('resource')
tell('memory', resource.getrlimit(resource.RLIMIT_DATA)[0] >> 20)
tell('pids limit', resource.getrlimit(resource.RLIMIT_NPROC)[0])
${look}`

await enforceable(t, 'best_effort lets each guarantee be less, and takes away nothing that holds', async (t) => {
  const held = await strengthsHere(t)
  const place = makePlace(t)
  const granted = join(place.file('granted/file'), '..')
  const toml = guarantees.map((guarantee) =>
    fixtureTable(guarantee, 'unchecked.mjs', `best_effort = ["${guarantee}"]\n${limits[guarantee] ?? ''}`),
  )
  const serving = await serve(t, makeConfig(t, toml.join(''), { PLAIN: 'plain' }))
  for (const guarantee of guarantees) {
    const session = await sessionOf(serving, guarantee)
    const found = await attackThrough(session, guaranteed, {
      granted,
      shown: granted,
      host: '/etc/shadow',
      port: 9,
      mine: '/tmp/mine-',
      name: guarantee,
    })
    const expected = {
      ...confined,
      'read granted': 'ENOENT',
      'read the host': 'ENOENT',
      'write the host': noWrite,
      'host listener': 'ECONNREFUSED',
      environment: false,
      memory: held.memory === 'full' ? unlimited : guarantee === 'memory' ? 700 : 512,
      // A control group is asked after the rlimit, and is the one that tells.
      'pids limit': (guarantee === 'pids' ? 41 : 257) + (held.memory === 'full' ? 1 : 0),
    }
    t.match(found, expected, guarantee)
    await session.end()
  }
})

t.test('without best_effort a written limit that cannot be held refuses the start', async (t) => {
  const held = await strengthsHere(t)
  for (const guarantee of ['memory', 'cpu'] as const) {
    const config = makeConfig(t, fixtureTable('limited', 'unchecked.mjs', limits[guarantee]))
    const report = await mcpo(['doctor', '-c', config.file, '--json'], config.env)
    if (held[guarantee] === 'full') {
      t.equal(report.code, 0, guarantee)
      continue
    }
    t.equal(report.code, 3, guarantee)
    const { servers } = JSON.parse(report.stdout) as {
      servers: { ok: boolean; error?: { message: string; hint: string } }[]
    }
    t.match(servers, [
      {
        ok: false,
        error: {
          message: new RegExp(`the limit max_${guarantee}`),
          hint: new RegExp(`best_effort = \\["${guarantee}"\\]`),
        },
      },
    ])
  }
})
