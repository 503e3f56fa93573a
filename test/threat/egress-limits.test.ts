/** A server opens all the connections that it can. */
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { connectOften } from '../../benchmarks/egress/reader.ts'
import { parseList } from '../../lib/policy/network/list.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import { startServer } from '../../lib/sandbox/start.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave } from '../support/leave.ts'
import { plainPolicy, unwritten } from '../support/plain-policy.ts'
import { descriptorCount } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const list = parseList(['a.example:7', 'a.example:8'])
const hold = `
def opened():
    sock = socket.create_connection(HTTP, 30)
    sock.sendall(b'CONNECT a.example:7 HTTP/1.1\\r\\n\\r\\n')
    return sock
def is_open(sock):
    try: return b' 200 ' in sock.recv(4096)
    except OSError: return False
`

await enforceable(t, '500 connections of one server leave another its own', async (t) => {
  const world = new World(t, { 'a.example': ['1.1.1.1'] })
  await world.echo('1.1.1.1', 7)
  const holding = leave(
    world,
    list,
    `${hold}
socks = [opened() for _ in range(500)]
tell('open', sum(map(is_open, socks)))
while connect_to(b'a.example:8') != '200': time.sleep(0.05)
for sock in socks: sock.sendall(b'x')
tell('answered', sum(sock.recv(1) == b'x' for sock in socks))
`,
  )
  await until(() => world.connections >= 500)
  const { found } = await leave(world, list, "for i in range(20): tell(f'{i}', straight('a.example', 7))")
  t.strictSame(Object.values(found), Array(20).fill('hello'))
  await world.echo('1.1.1.1', 8)
  t.strictSame((await holding).found, { open: 500, answered: 500 })
})

await enforceable(t, 'beyond the most it is refused, and told; afterwards nothing is left open', async (t) => {
  const world = new World(t, { 'a.example': ['1.1.1.1'] })
  await world.echo('1.1.1.1', 7)
  // What the first start opens for all of them stays.
  await leave(world, list, "tell('first', straight('a.example', 7))")
  const before = descriptorCount(process.pid)
  const { found, refused } = await leave(
    world,
    list,
    `${hold}
socks = [opened() for _ in range(560)]
tell('open', sum(map(is_open, socks)))
`,
  )
  t.equal(found['open'], 512)
  t.match(refused[0], { why: /512 connections at once are the most/, allow: null })
  await until(() => descriptorCount(process.pid) <= before)
})

/** What is really in use. */
function usedMiB(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

await enforceable(t, '10 000 connections leave nothing behind', async (t) => {
  const world = new World(t, {})
  await world.greets('10.9.8.7', 9)
  const context = createContext({ configFile: null, environment: process.env })
  const limits = unwritten(1024, 400, 256)
  const policy = plainPolicy('often', { network: parseList(['10.9.8.7:9']), limits })
  const answered = async (count: number): Promise<number> => {
    const args = ['-e', connectOften.replaceAll("127.0.0.1:' + port", "10.9.8.7:' + port"), '9', String(count)]
    const command = { command: process.execPath, args, env: {}, cwd: null, baseDir: '/' }
    const child = await startServer({ policy, ...command, secretVariables: new Set() }, context, { passing: true })
    new Socket({ fd: child.stdio.stdin, readable: false, writable: true }).end()
    new Socket({ fd: child.stdio.stderr, writable: false }).resume()
    const output = await text(new Socket({ fd: child.stdio.stdout, writable: false }))
    await child.exited
    return Number(output)
  }
  t.equal(await answered(500), 500)
  const before = { descriptors: descriptorCount(process.pid), mebibytes: usedMiB() }
  t.equal(await answered(10_000), 10_000)
  await until(() => descriptorCount(process.pid) <= before.descriptors)
  const grown = usedMiB() - before.mebibytes
  t.ok(grown < 10, `${grown} MiB more`)
})
