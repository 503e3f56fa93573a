/** What a server in a container may and may not, whoever runs it: each file beside this one runs all of it. */
import { chmodSync, closeSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startContainer } from '../../lib/sandbox/container/start.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import { testEngine } from '../support/container-engine.ts'
import { plainPolicy, unwritten } from '../support/plain-policy.ts'
import { isRunning, processesWith } from '../support/processes.ts'
import { type MadeConfig, makeConfig, mcpo, serve, sessionOf } from '../support/serve.ts'
import { until } from '../support/until.ts'

const engine = testEngine()

const policy = plainPolicy('box', { limits: unwritten(256, 100, 16) })

/** A server that does not end when nobody speaks to it any more. */
const stays = 'true; # stays'

t.test('a server in a container answers, and has what the policy says and no more', async (t) => {
  const folder = grantedFolders(t)
  const probe = [
    'echo secret=$SECRET path=$GATEWAY_ONLY',
    'grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status',
    'touch /etc/x && echo root-writable',
    `echo x >${folder}/rw/.git/config && echo guarded-writable`,
    `touch ${folder}/rw/x && echo granted-writable`,
    `touch ${folder}/ro/x && echo readonly-writable`,
    `ls ${folder}/rw && echo granted-readable`,
    'touch /tmp/x && echo tmp-writable',
    'echo [$(ls /sys/class/net)]',
  ].join(';')
  const config = configFor(t, probe, `filesystem = ["${folder}/rw", "${folder}/ro:ro"]`)
  const gateway = await serve(t, config)
  const { text } = await (await sessionOf(gateway, 'box')).call(1, 'look', {})
  t.match(text, 'secret=it-is path= ', 'its own variable, and none of the gateway')
  t.match(text, /CapBnd: 0+ NoNewPrivs: 1 Seccomp: 2 /)
  t.match(text, 'granted-writable')
  t.match(text, 'tmp-writable')
  t.notMatch(text, 'root-writable')
  t.notMatch(text, 'readonly-writable')
  t.notMatch(text, 'guarded-writable')
  t.match(text, / \[lo\]/, 'loopback is the only interface')
  const uids = pidsInContainers().map(uidOf)
  t.ok(uids.some((uid) => uid !== null) && !uids.includes(0), 'for this machine it is not root')
  t.match(gateway.log(), /kernel-surface/)
  t.strictSame(processesWith('it-is'), [], 'the values of variables are in no command line')
  await gateway.stop()
  t.equal(engine.podman('ps', '--all', '--quiet'), '', 'nothing is left')
})

t.test('a server in a container can clean up on SIGTERM', async (t) => {
  const environment = { ...engine.env, HOME: process.env['HOME'] }
  const context = createContext({ configFile: null, environment })
  t.teardown(() => context.close())
  const env = { PROBE: 'true # cleans up' }
  const child = await startContainer({ policy, image: engine.image, command: null, args: [], env, cwd: null }, context)
  t.teardown(() => child.kill())
  for (const fd of [child.stdio.stdin, child.stdio.stdout]) closeSync(fd)
  let told = ''
  for await (const some of new Socket({ fd: child.stdio.stderr, writable: false })) {
    told += some
    if (/^up\n$/m.test(told)) child.signal('SIGTERM')
  }
  t.match(told, /^cleaned up$/m)
  t.match(await child.exited, { code: 3 })
})

t.test('a gateway that is killed takes its containers with it', async (t) => {
  const gateway = await serve(t, configFor(t, stays))
  await (await sessionOf(gateway, 'box')).call(1, 'look', {})
  const inside = pidsInContainers()
  t.ok(inside.some(isRunning))
  gateway.gateway.kill('SIGKILL')
  await gateway.ended
  await t.resolves(until(() => engine.podman('ps', '--all', '--quiet') === ''))
  await t.resolves(until(() => !inside.some(isRunning)))
  const ofThisGateway = `mcpo-box-${gateway.pid}-`
  await t.resolves(
    until(() => processesWith(ofThisGateway).length === 0),
    'no keeper, client or monitor stays either',
  )
})

t.test('what a killed gateway and a killed keeper left is removed at the next start, and nothing else', async (t) => {
  const first = await serve(t, configFor(t, stays))
  await (await sessionOf(first, 'box')).call(1, 'look', {})
  const left = runningContainers()
  const ofFirst = processesWith(`mcpo-box-${first.pid}-`)
  const keepers = processesWith('mcpo-keeper').filter((pid) => ofFirst.includes(pid))
  t.not(keepers.length, 0)
  for (const keeper of keepers) endByForce(keeper)
  first.gateway.kill('SIGKILL')
  await first.ended
  t.not(left.length, 0)
  t.strictSame(runningContainers(), left, 'nothing but the next start ends them')
  const foreign = engine
    .podman(
      ...['run', '--detach', '--cgroups=disabled', '--ulimit=nofile=1024:1024'],
      ...['--ulimit=nproc=1024:1024', '--network=none', '--entrypoint=/bin/sleep', engine.image, '60'],
    )
    .trim()
  const second = await serve(t, configFor(t, stays))
  await (await sessionOf(second, 'box')).call(1, 'look', {})
  const running = runningContainers()
  t.strictSame(
    running.filter((id) => left.includes(id)),
    [],
  )
  t.ok(running.includes(foreign))
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`mcpo-box-${first.pid}-`))
  t.strictSame(folders, [], 'its variables are gone too')
  engine.podman('rm', '--force', foreign)
})

t.test('a limit that was written and cannot be held refuses the start; doctor says so', async (t) => {
  const config = configFor(t, 'true', 'max_cpu_percent = 50')
  const { code, stdout } = await mcpo(['doctor', '--json', '-c', config.file], config.env)
  t.equal(code, 3)
  t.match(JSON.parse(stdout).servers, [{ ok: false, error: { code: 'SANDBOX_ERROR', hint: /cgroup v2/ } }])
})

t.test('doctor has a verdict for each guarantee, and says what is less', async (t) => {
  const config = configFor(t, 'true')
  const { code, stdout } = await mcpo(['doctor', '--json', '-c', config.file], config.env)
  t.equal(code, 0)
  const [{ verdicts }] = JSON.parse(stdout).servers
  t.equal(verdicts.length, 12)
  t.match(verdicts.at(-1), { guarantee: 'no-orphans', strength: 'partial', weakened: /keeper/ })
})

t.test('an image that is not there is not fetched: the error says how', async (t) => {
  const config = makeConfig(t, toml('true', '', 'localhost/no-such:1'), engine.env)
  const { stdout } = await mcpo(['doctor', '--json', '-c', config.file], config.env)
  t.match(JSON.parse(stdout).servers, [
    { error: { code: 'NOT_FOUND', hint: 'fetch it: podman pull localhost/no-such:1' } },
  ])
})

t.test("the gateway's own folder and the engine's are granted to no container", async (t) => {
  for (const grant of [engine.graph, '/run', '.']) {
    const config = configFor(t, 'true', `filesystem = ["${grant}"]`)
    const { stdout } = await mcpo(['doctor', '--json', '-c', config.file], config.env)
    t.match(JSON.parse(stdout).servers, [{ ok: false, error: { code: 'CONFIG_ERROR' } }], grant)
  }
})

function runningContainers(): string[] {
  return engine.podman('ps', '--quiet', '--no-trunc').split('\n').filter(Boolean).sort()
}

/** As the host sees them. */
function pidsInContainers(): number[] {
  return engine.podman('ps', '--format={{.Pid}}').split('\n').filter(Boolean).map(Number)
}

/** A process that may have ended with another one meanwhile. */
function endByForce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!isRunning(pid)) return
    throw error
  }
}

/** `null` once the process is gone. */
function uidOf(pid: number): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null
}

/** With a folder `rw` and one `ro`, in which the host would let everybody write. */
function grantedFolders(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-granted-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const name of ['rw', 'ro']) {
    mkdirSync(join(folder, name))
    chmodSync(join(folder, name), 0o777)
  }
  mkdirSync(join(folder, 'rw/.git'))
  writeFileSync(join(folder, 'rw/.git/config'), '')
  chmodSync(join(folder, 'rw/.git/config'), 0o666)
  return folder
}

/** A configuration with one server, called box, whose one tool runs `probe`. */
function configFor(t: Test, probe: string, sandbox = ''): MadeConfig {
  return makeConfig(t, toml(probe, sandbox), { ...engine.env, GATEWAY_ONLY: 'not-for-servers' })
}

function toml(probe: string, sandbox: string, image = engine.image): string {
  return `[[servers]]
name = "box"
env = { SECRET = "it-is", PROBE = ${JSON.stringify(probe)} }
[servers.sandbox]
type = "container"
image = "${image}"
${sandbox}
`
}
