import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { strengthsHere } from '../support/strengths.ts'
import { makeTree } from '../unit/sandbox/tree.ts'
import { type Outcome, outcomeOf, packageRoot } from './sandbox-run.ts'

const good = '[[servers]]\nname = "good"\ncommand = "node"\nargs = ["-e", "0"]\n'
const gone = '[[servers]]\nname = "gone"\ncommand = "no-such-command"\n'
const strict = `${good}[servers.sandbox]\nmax_cpu_percent = 10\n`

t.test('exit 0 when every server can start, with a verdict for each guarantee', async (t) => {
  const { code, stdout } = await doctor(t, good)
  t.equal(code, 0)
  const report = JSON.parse(stdout)
  t.match(report.servers, [{ name: 'good', ok: true }])
  t.equal(report.servers[0].verdicts.length, 12)
  t.match(report.servers[0].proof, { found: { Seccomp: '2' }, refused: { mount: 'EPERM' } })
  t.ok(report.host.every(({ ok, needed }: { ok: boolean; needed: boolean }) => ok || !needed))
})

t.test('exit 3 when one cannot, and why', async (t) => {
  const { code, stdout } = await doctor(t, good + gone)
  t.equal(code, 3)
  t.match(JSON.parse(stdout).servers, [
    { ok: true },
    { name: 'gone', ok: false, error: { code: 'NOT_FOUND', message: /no-such-command/ } },
  ])
})

t.test('exit 3 when a written limit cannot be held, and what to write', async (t) => {
  const { cpu } = await strengthsHere(t)
  const { code, stdout } = await doctor(t, strict)
  const refused = { ok: false, error: { hint: /best_effort = \["cpu"\]/ } }
  t.equal(code, cpu === 'full' ? 0 : 3)
  t.match(JSON.parse(stdout).servers, [cpu === 'full' ? { ok: true } : refused])
  t.match(await doctor(t, `${strict}best_effort = ["cpu"]\n`), { code: 0 })
})

t.test('a disabled server is not examined, an unconfined one shows that nothing holds', async (t) => {
  const { code, stdout } = await doctor(t, `${gone}enabled = false\n${good}[servers.sandbox]\nenabled = false\n`)
  t.equal(code, 0)
  const [server, ...others] = JSON.parse(stdout).servers
  t.equal(others.length, 0)
  t.ok(server.verdicts.every(({ strength }: { strength: string }) => strength === 'none'))
  t.equal(server.proof, null)
})

t.test('copies that all callers share are shown', async (t) => {
  const { stdout } = await doctor(t, `${good}instance = "shared"\n`)
  t.match(JSON.parse(stdout).servers, [{ ok: true, notes: [/all callers share its copies/] }])
})

t.test('a configuration that is named and not there is an error', async (t) => {
  t.match(await run(['-c', '/no/such/config.toml']), { code: 2, stderr: /config.toml/ })
})

t.test('the report for people has the same facts, and no colours in a pipe', async (t) => {
  const { memory } = await strengthsHere(t)
  const folder = makeTree(t, {})
  writeFileSync(join(folder, 'config.toml'), good, { mode: 0o600 })
  const { stdout } = await run(['-c', join(folder, 'config.toml')])
  t.match(stdout, /ok +empty sandbox/)
  t.match(stdout, /good: can start/)
  t.match(stdout, new RegExp(`memory +${memory}`))
  t.notMatch(stdout, '\u001B')
})

async function doctor(t: { teardown(handler: () => void): void }, config: string): Promise<Outcome> {
  const folder = makeTree(t, {})
  writeFileSync(join(folder, 'config.toml'), config, { mode: 0o600 })
  return run(['--json', '-c', join(folder, 'config.toml')])
}

function run(args: readonly string[]): Promise<Outcome> {
  return outcomeOf(
    spawn(process.execPath, [join(packageRoot, 'bin/mcpo.js'), 'doctor', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}
