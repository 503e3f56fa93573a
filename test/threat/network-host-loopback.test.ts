/** Services that listen on this machine's loopback trust whoever reaches them. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const way = `
def reach(host):
    socket.create_connection((host, port), 3).close()
act('127.0.0.1', lambda: reach('127.0.0.1'))
act('0.0.0.0', lambda: reach('0.0.0.0'))
act('mapped', lambda: reach('::ffff:127.0.0.1'))
act('localhost', lambda: reach('localhost'))
`

await enforceable(t, 'a listener of the host is not there without network, and is with network = "host"', async (t) => {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.end().on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  const given = { port: (server.address() as AddressInfo).port }

  const confined = await attack(way, { given })
  for (const [act, outcome] of Object.entries(confined)) t.equal(outcome, 'ECONNREFUSED', act)
  t.equal(Object.keys(confined).length, 4)
  t.equal(connections, 0)

  const weakened = await attack(way, { given, network: 'host' })
  t.equal(weakened['127.0.0.1'], 'allowed')
  t.ok(connections > 0)
})
