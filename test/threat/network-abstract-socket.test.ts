/** Abstract sockets (D-Bus, X11 …) have no path that a mount could hide. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import t from 'tap'
import { probe } from '../../lib/native/index.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, python } from '../support/attack.ts'

const listener = `
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(chr(0) + sys.argv[1])
server.listen(5)
print('listening', flush=True)
sys.stdin.read()
`
const way = `
act('host', lambda: connect(chr(0) + name))
own = socket.socket(socket.AF_UNIX)
own.bind(chr(0) + 'own')
own.listen(1)
act('own', lambda: connect(chr(0) + 'own'))
tell('names', read('/proc/net/unix').count(name))
`

await enforceable(t, 'an abstract socket of the host is out of reach, one of its own is not', async (t) => {
  const name = `mcpo-threat-${randomUUID()}`
  const host = spawn(python, ['-c', listener, name], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => host.kill('SIGKILL'))
  await once(host.stdout, 'data')

  t.same(await attack(way, { given: { name } }), { host: 'ECONNREFUSED', own: 'allowed', names: 0 })
  // In the host's own network namespace Landlock alone stands in between (ABI 6, Linux 6.12).
  if (probe().landlockAbi >= 6)
    t.match(await attack(way, { given: { name }, network: 'host' }), { host: 'EPERM', own: 'allowed' })
})
