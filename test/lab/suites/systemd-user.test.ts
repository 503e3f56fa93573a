/** An ordinary user's own gateway: examples/mcpo-user.service, run by his manager, and a scope of his. */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { configure, serviceBattery } from './service-battery.ts'
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
