/** An ordinary user's own gateway: examples/mcpo-user.service, run by his manager, and a scope of his. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { openSession } from '../../fixtures/wire.ts'
import { until } from '../../support/until.ts'
import { configure, endsAlone, limitsHeld, listening, serviceBattery } from './service-battery.ts'
import { Unit } from './unit.ts'

t.test('a service of the user', async (t) => {
  const unit = new Unit(false)
  const granted = join(homedir(), 'notes')
  const log = join(homedir(), 'mcpo.log')
  mkdirSync(granted)
  const service = { unit, config: join(homedir(), '.config/mcp-one/config.toml'), log, granted }
  configure(service)
  unit.install('mcpo-user.service', `StandardError=append:${log}`)
  await serviceBattery(t, service)
})

t.test('mcpo serve in a scope of the user', async (t) => {
  const granted = join(homedir(), 'scope-notes')
  const log = join(homedir(), 'scope.log')
  mkdirSync(granted)
  configure({ config: join(homedir(), '.config/mcp-one/config.toml'), granted })
  const unit = new Unit(false, 'mcpo-serve.scope')
  const gateway = serveInScope('mcpo-serve.scope', log)
  await listening()
  const life = () => [gateway.exitCode, gateway.signalCode]
  const scope = { unit: { group: () => unit.group(), life }, log, granted }
  await t.test('the limits of a server are those of its own control group', (t) => limitsHeld(t, scope))
  await t.test('a server that uses up its memory ends alone', (t) => endsAlone(t, scope))
  await t.test('after kill -9 nothing is left, the scope neither', async (t) => {
    const group = unit.group()
    await openSession('http://127.0.0.1:3000/mcp/bounded')
    gateway.kill('SIGKILL')
    t.same(await once(gateway, 'exit'), [null, 'SIGKILL'])
    await until(() => !existsSync(group))
  })
})

/** As README.md says; systemd-run becomes mcpo. */
function serveInScope(name: string, log: string): ChildProcess {
  const file = openSync(log, 'a')
  const command = ['--user', '--scope', '--quiet', `--unit=${name}`, '--property=Delegate=yes', 'mcpo', 'serve']
  return spawn('systemd-run', command, { stdio: ['ignore', file, file] })
}

t.test('mcpo sandbox run in a scope of the user: its server is in a group with the limits', async (t) => {
  const limits = ['--max-memory-mb', '128', '--max-cpu-percent', '50', '--max-pids', '64']
  const tried = promisify(execFile)('systemd-run', [
    ...['--user', '--scope', '--quiet', '--property=Delegate=yes'],
    ...['mcpo', 'sandbox', 'run', '--json', ...limits, '--', 'echo', 'ran'],
  ])
  const { stdout, stderr } = await tried
  t.equal(stdout, 'ran\n')
  const { verdicts } = JSON.parse(stderr.split('\n')[0] ?? '')
  const held = (guarantee: string) => verdicts.find((each: { guarantee: string }) => each.guarantee === guarantee)
  for (const [guarantee, file] of Object.entries({ memory: 'memory.max', cpu: 'cpu.max', pids: 'pids.max' }))
    t.match(held(guarantee), { strength: 'full', by: [new RegExp(file)] })
})
