/** Where a server in a container gets with an allow-list, whoever runs it: each file beside this one runs all of it. */
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startArguments } from '../../lib/policy/container/run.ts'
import { parseList } from '../../lib/policy/network/list.ts'
import { startKeeper } from '../../lib/sandbox/container/keeper.ts'
import { startContainer } from '../../lib/sandbox/container/start.ts'
import { createContext, type SandboxContext } from '../../lib/sandbox/context.ts'
import { testEngine } from '../support/container-engine.ts'
import { plainPolicy, unwritten } from '../support/plain-policy.ts'
import { descriptorCount, isRunning, networksOf, processesWith } from '../support/processes.ts'
import { type MadeConfig, makeConfig, mcpo, type Serving, serve, sessionOf } from '../support/serve.ts'
import { until } from '../support/until.ts'
import { World } from '../support/world.ts'

const ulimits = ['--ulimit=nofile=1024:1024', '--ulimit=nproc=1024:1024']
const engine = testEngine(['/usr/bin/curl'])
const gatewayPort = 3999
const list = `network = ["listed.example:80", "10.9.8.7:80", "127.0.0.1:${gatewayPort}"]`

const listing = plainPolicy('box', { network: parseList(['listed.example:80']), limits: unwritten(256, 100, 16) })

/** By the proxy of its environment, by name without one, and to an address without one. */
const ways = [
  'get() { /usr/bin/curl -sf -m 9 "$@" || echo refused; }',
  'proxied() { get --noproxy "" "http://$1/hello"; }',
  'straight() { get --noproxy "*" "http://$1/hello"; }',
  'health() { get --noproxy "$1" "http://127.0.0.1:$2/health"; }',
  'say() { echo "<$1 $(eval "$1")>"; }',
]

/** Everything that could be reached, were it allowed to. */
async function worldOf(t: Test): Promise<World> {
  const world = new World(t, {})
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-world-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'hello'), 'hello')
  for (const [address, port] of [
    ['1.1.1.1', 80],
    ['1.1.1.1', 81],
    ['10.9.8.7', 80],
    ['169.254.169.254', 80],
    ['127.0.0.1', 8082],
  ] as const)
    await world.files(address, port, folder)
  return world
}

const reached = [
  'proxied listed.example',
  'straight listed.example',
  'straight LISTED.example.',
  'proxied 10.9.8.7',
  'straight 10.9.8.7',
]

const refused: Readonly<Record<string, string | null>> = {
  'proxied other.example': 'other.example:80',
  'straight other.example': 'other.example:443',
  'proxied listed.example:81': 'listed.example:81',
  'straight listed.example:81': null,
  'proxied inner.example': 'inner.example:80',
  'proxied 1.1.1.1': '1.1.1.1:80',
  'straight 1.1.1.1': null,
  'proxied 169.254.169.254': '169.254.169.254:80',
  'straight 169.254.169.254': null,
  'proxied 127.0.0.1:8082': '127.0.0.1:8082',
  'straight 127.0.0.1:8082': null,
  // It is on the list.
  [`health '' ${gatewayPort}`]: null,
  [`health '*' ${gatewayPort}`]: null,
}

t.test('a container reaches what is listed, with and without a proxy, and nothing else', async (t) => {
  const world = await worldOf(t)
  const tries = [...reached, ...Object.keys(refused)].map((each) => `say "${each}"`)
  const gateway = await serve(t, configFor(t, [...ways, ...tries].join(';'), list))
  const { text } = await (await sessionOf(gateway, 'box')).call(1, 'look', {})
  t.ok((await fetch(`${gateway.url}/health`)).ok)
  for (const way of reached) t.match(text, `<${way} hello>`)
  for (const [way, line] of Object.entries(refused)) {
    t.match(text, `<${way} refused>`)
    if (line !== null) t.match(gateway.log(), `add \\"${line}\\" to servers.box.sandbox.network`, way)
  }
  const wanted = [
    '10.9.8.7:80 GET 10.9.8.7/hello',
    '1.1.1.1:80 GET listed.example/hello',
    '1.1.1.1:80 GET LISTED.example./hello',
  ]
  t.strictSame([...new Set(world.heard)].sort(), wanted.sort())
  await endsWithNothingLeft(t, gateway)
})

t.test('each container has its own list: none gets where another one may, or where nobody may', async (t) => {
  const world = await worldOf(t)
  const tries = ['straight other.example', 'proxied other.example', 'straight 10.9.8.7', 'proxied 10.9.8.7']
  const never = ['proxied 169.254.169.254', 'proxied 127.0.0.1:8082', `health '' ${gatewayPort}`]
  const probe = [...ways, ...[...tries, ...never].map((each) => `say "${each}"`)].join(';')
  const config = makeConfig(
    t,
    `[server]\nport = ${gatewayPort}\n${table('inner', probe, 'network = ["10.9.8.7:80"]')}${table('open', probe, 'network = true')}`,
    engine.env,
  )
  const gateway = await serve(t, config)
  const found = async (server: string): Promise<string[]> => {
    const { text } = await (await sessionOf(gateway, server)).call(1, 'look', {})
    return [...tries, ...never].map((each) => (text.includes(`<${each} refused>`) ? 'refused' : 'hello'))
  }
  const nothing = never.map(() => 'refused')
  t.strictSame(await Promise.all([found('inner'), found('open')]), [
    ['refused', 'refused', 'hello', 'hello', ...nothing],
    ['hello', 'hello', 'refused', 'refused', ...nothing],
  ])
  t.strictSame([...new Set(world.heard)].sort(), [
    '1.1.1.1:80 GET other.example/hello',
    '10.9.8.7:80 GET 10.9.8.7/hello',
  ])
  t.match(gateway.log(), 'add \\"10.9.8.7:80\\" to servers.open.sandbox.network')
})

t.test('inside there is no right to the network and no route, and the proxy is what its variables name', async (t) => {
  await worldOf(t)
  const probe = [
    'cat /etc/resolv.conf',
    'echo proxy=$http_proxy ca=$SECRET',
    'ip route',
    'echo routes: $(ip route | grep -c .)',
    'ip link add dummy0 type dummy || echo no-link',
    'ip route add 1.1.1.1/32 dev lo || echo no-route',
    'echo x >/etc/resolv.conf || echo no-resolver',
    'nc -l -p 80 -w 1 || echo no-port',
  ].join(';')
  const gateway = await serve(t, configFor(t, probe, list))
  const { text } = await (await sessionOf(gateway, 'box')).call(1, 'look', {})
  t.match(text, 'nameserver 127.0.0.1')
  t.match(text, 'proxy=http://127.0.0.1:3128 ca=it-is', "not the image's variable, nor the configuration's")
  t.match(text, 'routes: 0')
  for (const no of ['no-link', 'no-route', 'no-resolver', 'no-port']) t.match(text, no)
  await endsWithNothingLeft(t, gateway)
})

t.test('when the gateway is gone nothing is reached any more, even while the container is still there', async (t) => {
  const world = await worldOf(t)
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-granted-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o777)
  const probe = [
    `touch ${folder}/waits; while [ ! -e ${folder}/go ]; do sleep 0.1; done`,
    'get() { /usr/bin/curl -s -m 9 "$@"; echo $?; }',
    `{ get http://listed.example/hello; get --noproxy "*" http://listed.example/hello; get --noproxy "*" http://10.9.8.7/hello; } >${folder}/found`,
    `mv ${folder}/found ${folder}/done`,
  ].join(';')
  const gateway = await serve(t, configFor(t, probe, `${list}\nfilesystem = ["${folder}"]`))
  const session = await sessionOf(gateway, 'box')
  session.call(1, 'look', {}).catch(() => {})
  await until(() => existsSync(join(folder, 'waits')))
  const { name } = await onlyContainer()
  const keepers = processesWith(name).filter((pid) => processesWith('mcpo-keeper').includes(pid))
  t.not(keepers.length, 0)
  for (const keeper of keepers) process.kill(keeper, 'SIGSTOP')
  gateway.gateway.kill('SIGKILL')
  await gateway.ended
  writeFileSync(join(folder, 'go'), '')
  await until(() => existsSync(join(folder, 'done')))
  const noConnection = 7
  const noName = 6
  t.equal(readFileSync(join(folder, 'done'), 'utf8'), `${noConnection}\n${noName}\n${noConnection}\n`)
  t.strictSame(world.heard, [])
  // The first of them may end the others at once.
  for (const keeper of keepers) if (isRunning(keeper)) process.kill(keeper, 'SIGCONT')
  await t.resolves(until(() => engine.podman('ps', '--all', '--quiet') === ''))
})

t.test('a container that was made and may not start is removed with its network', async (t) => {
  const name = 'mcpo-box-made'
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-made-'))
  engine.podman('create', '--cgroups=disabled', ...ulimits, '--network=none', `--name=${name}`, engine.image)
  engine.podman('init', name)
  const [network = ''] = keptNetworks(t, [Number(engine.podman('inspect', '--format={{.State.Pid}}', name))])
  t.ok(networksOf().includes(network))
  const context = contextFor(t)
  const keeper = startKeeper({
    ...{ engine: await context.engine(), name, holder: null, folder, args: startArguments(name), waits: true },
    stdio: [0, 1, 2],
  })
  const ended = once(keeper, 'exit')
  keeper.stdio[3]?.destroy()
  t.strictSame(await ended, [1, null])
  t.equal(engine.podman('ps', '--all', '--quiet'), '')
  t.notOk(networksOf().includes(network))
  t.notOk(existsSync(folder))
})

t.test('what cannot be started leaves nothing, and says why', async (t) => {
  const context = contextFor(t)
  await context.engine()
  const before = descriptorCount(process.pid)
  const spec = { policy: listing, image: engine.image, command: '/no-such-program', args: [], env: {}, cwd: null }
  await t.rejects(startContainer(spec, context), {
    code: 'SANDBOX_ERROR',
    message: /podman init failed: .*no-such-program/,
  })
  t.equal(engine.podman('ps', '--all', '--quiet'), '')
  t.strictSame(processesWith(`mcpo-box-${process.pid}-`), [])
  t.strictSame(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`mcpo-box-${process.pid}-`)),
    [],
  )
  t.equal(descriptorCount(process.pid), before)
})

t.test('a container with an allow-list can clean up on SIGTERM, and leaves no descriptor in the gateway', async (t) => {
  const context = contextFor(t)
  await cleansUp(t, context)
  // The first launcher of a process has a thread started that stays.
  const before = descriptorCount(process.pid)
  await cleansUp(t, context)
  await t.resolves(until(() => descriptorCount(process.pid) === before))
})

async function cleansUp(t: Test, context: SandboxContext): Promise<void> {
  const env = { PROBE: 'true # cleans up' }
  const spec = { policy: listing, image: engine.image, command: null, args: [], env, cwd: null }
  const child = await startContainer(spec, context)
  t.teardown(() => child.kill())
  for (const fd of [child.stdio.stdin, child.stdio.stdout]) closeSync(fd)
  let told = ''
  for await (const some of new Socket({ fd: child.stdio.stderr, writable: false })) {
    told += some
    if (/^up\n$/m.test(told)) child.signal('SIGTERM')
  }
  t.match(told, /^cleaned up$/m)
  t.match(await child.exited, { code: 3 })
  t.match(child.proof, { refused: { 'reach-out': 'ENETUNREACH' } })
}

t.test('doctor says who holds the allow-list', async (t) => {
  const config = configFor(t, 'true', list)
  const { code, stdout } = await mcpo(['doctor', '--json', '-c', config.file], config.env)
  t.equal(code, 0)
  const [{ verdicts }] = JSON.parse(stdout).servers
  t.match(verdicts[2], {
    guarantee: 'network',
    strength: 'full',
    by: [/^podman/, 'the gateway connects to 3 listed destinations only'],
  })
})

function contextFor(t: Test): SandboxContext {
  const context = createContext({ configFile: null, environment: { ...engine.env, HOME: process.env['HOME'] } })
  t.teardown(() => context.close())
  return context
}

/** A configuration with one server, called box, whose one tool runs `probe`. */
function configFor(t: Test, probe: string, sandbox: string): MadeConfig {
  return makeConfig(t, `[server]\nport = ${gatewayPort}\n${table('box', probe, sandbox)}`, engine.env)
}

function table(name: string, probe: string, sandbox: string): string {
  const env = `{ SECRET = "it-is", http_proxy = "http://configured.example:1", PROBE = ${JSON.stringify(probe)} }`
  const server = `[[servers]]\nname = "${name}"\nenv = ${env}\n`
  return `${server}[servers.sandbox]\ntype = "container"\nimage = "${engine.image}"\n${sandbox}\n`
}

/** Once there is no other: the copy of the server that was asked for its era may still be ending. */
async function onlyContainer(): Promise<{ readonly pid: number; readonly name: string }> {
  const line = await until(() => {
    const lines = engine.podman('ps', '--format={{.Pid}} {{.Names}}').split('\n').filter(Boolean)
    return lines.length === 1 ? lines[0] : null
  })
  const [pid = '', name = ''] = line.split(' ')
  return { pid: Number(pid), name }
}

/** Held until the test ends, since the kernel gives the number of a namespace that is gone to the next one at once. */
function keptNetworks(t: Test, pids: readonly number[]): string[] {
  for (const pid of pids) {
    const held = openSync(`/proc/${pid}/ns/net`, 'r')
    t.teardown(() => closeSync(held))
  }
  return networksOf(pids)
}

/** Of a container: neither it, nor a process, nor its network, nor a file. */
async function endsWithNothingLeft(t: Test, gateway: Serving): Promise<void> {
  const networks = keptNetworks(t, [(await onlyContainer()).pid])
  t.equal(networks.length, 1)
  await gateway.stop()
  t.equal(engine.podman('ps', '--all', '--quiet'), '')
  t.strictSame(processesWith(`mcpo-box-${gateway.pid}-`), [])
  t.strictSame(
    networksOf().filter((each) => networks.includes(each)),
    [],
  )
  t.strictSame(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`mcpo-box-${gateway.pid}-`)),
    [],
  )
}
