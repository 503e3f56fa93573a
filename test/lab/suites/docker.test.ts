/** `type = "container"` by docker: what a server has and has not, its limits, and its end. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { testEngine } from '../../support/container-engine.ts'
import { isRunning, processesWith } from '../../support/processes.ts'
import { type MadeConfig, makeConfig, mcpo, serve, sessionOf } from '../../support/serve.ts'
import { until } from '../../support/until.ts'
import { containerBattery } from './container-battery.ts'
import { DockerDaemon } from './docker-daemon.ts'

const folder = mkdtempSync(join(tmpdir(), 'mcpo-image-'))
const daemon = await DockerDaemon.start()
const { environment } = daemon
t.teardown(async () => {
  await daemon.end()
  rmSync(folder, { recursive: true })
})
const { podman, image } = testEngine()
podman('save', '--output', join(folder, 'image'), image)
daemon.docker('load', '--input', join(folder, 'image'))

containerBattery({ name: 'docker', image, environment, endsWhole: false })

t.test('a server answers, and has what the policy says and no more', async (t) => {
  const probe = [
    'echo secret=$SECRET path=$GATEWAY_ONLY',
    'grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status',
    'touch /etc/x && echo root-writable',
    `touch ${folder}/rw/x && echo granted-writable`,
    `touch ${folder}/ro/x && echo readonly-writable`,
    'touch /tmp/x && echo tmp-writable',
    'echo [$(ls /sys/class/net)]',
  ].join(';')
  for (const name of ['rw', 'ro']) {
    mkdirSync(join(folder, name))
    chmodSync(join(folder, name), 0o777)
  }
  const gateway = await serve(t, configFor(t, probe, `filesystem = ["${folder}/rw", "${folder}/ro:ro"]`))
  const { text } = await (await sessionOf(gateway, 'box')).call(1, 'look', {})
  t.match(text, 'secret=it-is path= ', 'its own variable, and none of the gateway')
  t.match(text, /CapBnd: 0+ NoNewPrivs: 1 Seccomp: 2 /)
  t.match(text, 'granted-writable')
  t.match(text, 'tmp-writable')
  t.notMatch(text, 'root-writable')
  t.notMatch(text, 'readonly-writable')
  t.match(text, / \[lo\]/, 'loopback is the only interface')
  t.strictSame(processesWith('it-is'), [], 'the values of variables are in no command line')
  await gateway.stop()
  t.equal(daemon.docker('ps', '--all', '--quiet'), '', 'nothing is left')
})

t.test('a gateway that is killed takes its containers with it', async (t) => {
  const gateway = await serve(t, configFor(t, 'true; # stays'))
  await (await sessionOf(gateway, 'box')).call(1, 'look', {})
  const inside = daemon.docker('ps', '--quiet').split('\n').map(pidOf)
  t.ok(inside.length > 0 && inside.every(isRunning))
  gateway.gateway.kill('SIGKILL')
  await gateway.ended
  await t.resolves(until(() => daemon.docker('ps', '--all', '--quiet') === ''))
  await t.resolves(until(() => !inside.some(isRunning)))
})

t.test('what a killed gateway and a killed keeper left is removed at the next start', async (t) => {
  const first = await serve(t, configFor(t, 'true; # stays'))
  await (await sessionOf(first, 'box')).call(1, 'look', {})
  const left = daemon.docker('ps', '--quiet').split('\n')
  for (const pid of processesWith(`mcpo-box-${first.pid}-`)) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
  first.gateway.kill('SIGKILL')
  await first.ended
  t.ok(left.map(pidOf).some(isRunning), 'the daemon keeps it')
  const second = await serve(t, configFor(t, 'true; # stays'))
  await (await sessionOf(second, 'box')).call(1, 'look', {})
  const running = daemon.docker('ps', '--all', '--quiet').split('\n')
  t.notOk(running.some((id) => left.includes(id)))
})

t.test('the places of the daemon are granted to no container', async (t) => {
  for (const grant of [environment.HOME, '/run']) {
    const { file, env } = configFor(t, 'true', `filesystem = ["${grant}"]`)
    const { stdout } = await mcpo(['doctor', '--json', '-c', file], env)
    t.match(JSON.parse(stdout).servers, [{ ok: false, error: { code: 'CONFIG_ERROR' } }], grant)
  }
})

function pidOf(container: string): number {
  return Number(daemon.docker('inspect', '--format={{.State.Pid}}', container))
}

/** A configuration with one server, called box, whose one tool runs `probe`. */
function configFor(t: Test, probe: string, sandbox = ''): MadeConfig {
  const toml = `[[servers]]
name = "box"
env = { SECRET = "it-is", PROBE = ${JSON.stringify(probe)} }
[servers.sandbox]
type = "container"
image = "${image}"
${sandbox}
`
  return makeConfig(t, toml, { ...environment, GATEWAY_ONLY: 'not-for-servers' })
}
