/** A gateway that systemd runs, from its start to its end: what holds its servers, and what is left of them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openSession, said } from '../../fixtures/wire.ts'
import { packageFolder } from '../../platform/linux/sandboxed.ts'
import { callTool } from '../../support/serve.ts'
import { until } from '../../support/until.ts'
import type { Unit } from './unit.ts'

/** Whatever of systemd's a gateway runs in. */
export interface Place {
  /** Its folder in the tree of control groups. */
  group(): string
  /** The same as long as the same gateway runs. */
  life(): unknown
}

export interface Bounded {
  readonly unit: Place
  /** Where its standard error goes. */
  readonly log: string
  /** What the bounded server may write. */
  readonly granted: string
}

export interface Service extends Bounded {
  readonly unit: Unit
  /** Where the unit has the gateway look for its configuration. */
  readonly config: string
}

const gateway = 'http://127.0.0.1:3000'
const MiB = 1024 * 1024
/** Those of the server, and two of the launcher. */
const maxPids = String(64 + 2)

/** The example configuration, and a server whose limits are written, so that it starts only where they are held. */
export function configure({ config, granted }: Pick<Service, 'config' | 'granted'>): void {
  mkdirSync(join(config, '..'), { recursive: true })
  const example = readFileSync(join(packageFolder, 'config.example.toml'), 'utf8')
  const moved = example.replaceAll('${CONFIG_DIR}', packageFolder).replace('"examples/files"', `"${granted}"`)
  writeFileSync(config, `${moved}\n${bounded(granted)}`, { mode: 0o644 })
}

function bounded(granted: string): string {
  return `[[servers]]
name = "bounded"
command = "node"
args = ["${packageFolder}/test/fixtures/servers/unchecked.mjs"]
[servers.sandbox]
filesystem = ["${granted}"]
max_memory_mb = 128
max_cpu_percent = 50
max_pids = 64
`
}

export async function serviceBattery(t: Test, service: Service): Promise<void> {
  const { unit } = service
  t.equal(unit.verify(), '', 'systemd-analyze verify finds nothing')
  unit.start()
  await listening()
  await t.test('the limits of a server are those of its own control group', (t) => limitsHeld(t, service))
  await t.test('a server that uses up its memory ends alone', (t) => endsAlone(t, service))
  await t.test('after kill -9 systemd starts the gateway again, and nothing is left of its servers', (t) =>
    startsAgain(t, service),
  )
  await t.test('systemctl stop leaves no process and no control group', async (t) => {
    const group = unit.group()
    unit.stop()
    t.same([unit.show('ActiveState'), unit.show('Result')], ['inactive', 'success'])
    t.notOk(existsSync(group))
  })
}

export async function limitsHeld(t: Test, { unit, granted }: Bounded): Promise<void> {
  const session = await openSession(`${gateway}/mcp/bounded`)
  await callTool(session, 'write', { path: join(granted, 'note'), text: 'from inside' })
  t.equal(readFileSync(join(granted, 'note'), 'utf8'), 'from inside')
  const leaf = await leafOf('bounded', unit)
  const limit = (file: string): string => readFileSync(join(leaf, file), 'utf8').trim()
  t.equal(limit('memory.max'), String(128 * MiB))
  t.equal(limit('memory.swap.max'), '0')
  t.equal(limit('memory.oom.group'), '1')
  t.equal(limit('pids.max'), maxPids)
  t.equal(limit('cpu.max'), '50000 100000')
  t.not(limit('cgroup.procs'), '', 'it runs there')
  await session.end()
}

export async function endsAlone(t: Test, { unit, log }: Bounded): Promise<void> {
  const life = unit.life()
  const neighbour = await openSession(`${gateway}/mcp/everything`)
  const session = await openSession(`${gateway}/mcp/bounded`)
  // A line without an end, which it keeps whole.
  const { messages } = await session.call(1, 'run', { command: 'tail', args: ['/dev/zero'] })
  t.match(messages.at(-1)?.error?.message, /max_memory_mb = 128/)
  t.match(readFileSync(log, 'utf8'), /max_memory_mb/)
  t.equal(said(await neighbour.call(1, 'echo', { message: 'there?' })), 'Echo: there?')
  t.same(unit.life(), life)
  await neighbour.end()
}

async function startsAgain(t: Test, { unit }: Service): Promise<void> {
  await openSession(`${gateway}/mcp/bounded`)
  const leaf = await leafOf('bounded', unit)
  process.kill(Number(unit.show('MainPID')), 'SIGKILL')
  await until(() => unit.show('NRestarts') === '1' && unit.show('ActiveState') === 'active')
  await listening()
  t.notOk(existsSync(leaf))
  const session = await openSession(`${gateway}/mcp/bounded`)
  t.equal(readFileSync(join(await leafOf('bounded', unit), 'pids.max'), 'utf8').trim(), maxPids)
  await session.end()
}

/** The control group of the one copy of this server, once those that were only asked what it speaks are gone. */
function leafOf(server: string, unit: Place): Promise<string> {
  const base = join(unit.group(), 'mcpo')
  return until(() => {
    const [name, another] = readdirSync(base).filter((each) => each.startsWith(`${server}-`))
    return name !== undefined && another === undefined && join(base, name)
  })
}

export async function listening(): Promise<void> {
  await until(() =>
    fetch(`${gateway}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
}
