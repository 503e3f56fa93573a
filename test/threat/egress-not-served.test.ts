/** The gateway does not serve the way out that a server has: it hangs, or has closed it. Then there is none. */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { isNativeFailure, launcherPath, spawn, stdioPipes } from '../../lib/native/index.ts'
import type { NetworkPolicy } from '../../lib/policy/model.ts'
import { parseList } from '../../lib/policy/network/list.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import { Life } from '../../lib/sandbox/life.ts'
import { prepareLaunch } from '../../lib/sandbox/start.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { findingsOf, python, pythonArguments } from '../support/attack.ts'
import { plainPolicy } from '../support/plain-policy.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const tries = `
socket.setdefaulttimeout(1)
def reached(address, data):
    try:
        with socket.create_connection(address) as sock:
            sock.sendall(data)
            return sock.recv(100).decode() or 'nothing'
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
sys.stdin.readline()
tell('proxy', reached(('127.0.0.1', 3128), b'CONNECT 1.1.1.1:443 HTTP/1.1\\r\\n\\r\\n'))
tell('socks', reached(('127.0.0.1', 1080), b'\\x05\\x01\\x00'))
tell('straight', reached(('22.64.0.1', 443), b'x'))
tell('address', reached(('1.1.1.1', 443), b'x'))
try: tell('name', socket.gethostbyname('a.example'))
except OSError: tell('name', 'none')
`

/** `keep`: the listeners stay open, and nobody accepts. */
async function triesWhen(
  keep: boolean,
  network: NetworkPolicy = parseList(['a.example:443']),
): Promise<Readonly<Record<string, unknown>>> {
  const context = createContext({ configFile: null, environment: process.env })
  const policy = plainPolicy('attack', { network })
  const command = { command: python, args: pythonArguments(tries), env: {}, cwd: null, baseDir: '/' }
  const { plan } = await prepareLaunch({ policy, ...command, secretVariables: new Set() }, context, { passing: true })
  const pipes = stdioPipes(plan.hostUid)
  if (isNativeFailure(pipes)) throw new Error(pipes.stage)
  const child = spawn(plan, { launcher: launcherPath, stdio: pipes.child, cgroup: null, refusals: 'told' })
  if (isNativeFailure(child)) throw new Error(child.stage)
  for (const fd of pipes.child) closeSync(fd)
  const life = new Life(child)
  await life.listening
  if (!keep) for (const fd of life.takeListeners()) closeSync(fd)
  const [stdin, stdout, stderr] = pipes.parent
  new Socket({ fd: stdin, readable: false, writable: true }).end('\n')
  const outputs = [stdout, stderr].map((fd) => text(new Socket({ fd, writable: false })))
  const [output = '', errors] = await Promise.all(outputs)
  await life.exited
  if (errors !== '') throw new Error(errors)
  return findingsOf(output)
}

await enforceable(t, 'with closed listeners every attempt is refused by the kernel', async (t) => {
  const world = new World(t, {})
  await world.echo('1.1.1.1', 443)
  const refused = 'ECONNREFUSED'
  const found = await triesWhen(false)
  t.strictSame(found, { proxy: refused, socks: refused, straight: refused, address: 'ENETUNREACH', name: 'none' })
  t.strictSame(world.heard, [])
})

await enforceable(t, 'with listeners that nobody serves nothing is answered', async (t) => {
  const world = new World(t, {})
  await world.echo('1.1.1.1', 443)
  const found = await triesWhen(true)
  const waits = 'TimeoutError'
  t.strictSame(found, { proxy: waits, socks: waits, straight: waits, address: 'ENETUNREACH', name: 'none' })
  t.strictSame(world.heard, [])
})

for (const keep of [false, true]) {
  await enforceable(
    t,
    `with network = true and listeners ${keep ? 'that nobody serves' : 'closed'} no address answers`,
    async (t) => {
      const world = new World(t, {})
      await world.echo('1.1.1.1', 443)
      const found = await triesWhen(keep, { kind: 'public' })
      // Nobody is there to refuse in the name of a foreign address.
      t.match(found, { proxy: keep ? 'TimeoutError' : 'ECONNREFUSED', address: 'TimeoutError', name: 'none' })
      t.strictSame(world.heard, [])
    },
  )
}
