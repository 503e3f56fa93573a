/** `mcpo sandbox run` is given a socket of the network, which connect(2) could join to any other address. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { findingsOf, packageFolder, pythonArguments } from '../support/attack.ts'

const rejoin = `
import fcntl
def join(port):
    address = struct.pack('=HH4s8x', socket.AF_INET, socket.htons(port), bytes([127, 0, 0, 1]))
    call('connect', 0, address, len(address))
tell('ran', True)
tell('said', sys.stdin.read())
act('join', lambda: join(port))
for fd in (0, 1, 2):
    act(f'interfaces {fd}', lambda: fcntl.ioctl(fd, 0x8912, bytes(16)))
`

t.test('a TCP connection as standard input is refused, and nothing runs', async (t) => {
  const { mine, port } = await connection(t)
  const child = run(mine, port)
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  t.equal(code, 125)
  t.equal(out, '')
  t.match(err, /^mcpo: the standard input is a socket of the network/)
})

await enforceable(
  t,
  'a local socket is copied through a pipe, which joins nothing and knows no interfaces',
  async (t) => {
    const { port } = await connection(t)
    const child = run('pipe', port)
    child.stdin?.end('hello')
    const [[code], out] = await Promise.all([once(child, 'exit'), text(child.stdout)])
    t.equal(code, 0)
    const found = findingsOf(out)
    t.match(found, { ran: true, said: 'hello', join: 'ENOTSOCK' })
    for (const fd of [0, 1, 2]) t.match(found[`interfaces ${fd}`], /^E(NOTTY|INVAL)$/)
  },
)

type Reading = ChildProcess & { readonly stdout: NodeJS.ReadableStream; readonly stderr: NodeJS.ReadableStream }

function run(stdin: Socket | 'pipe', port: number): Reading {
  const attacker = pythonArguments(rejoin, { port })
  const args = [join(packageFolder, 'bin/mcpo.js'), 'sandbox', 'run', '--', '/usr/bin/python3', ...attacker]
  return spawn(process.execPath, args, { stdio: [stdin, 'pipe', 'pipe'] }) as Reading
}

/** A connection to a listener of this process, whose port is given too. */
async function connection(t: Test): Promise<{ mine: Socket; port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const mine = connect(port, '127.0.0.1')
  await once(mine, 'connect')
  t.teardown(() => {
    mine.destroy()
    server.close()
  })
  return { mine, port }
}
