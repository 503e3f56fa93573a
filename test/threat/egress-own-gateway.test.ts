/** A server with the whole internet, or with a hole to this machine, tries to call the gateway that runs it, or its neighbours. */
import t, { type Test } from 'tap'
import { parseList } from '../../lib/policy/network/list.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave } from '../support/leave.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const gatewayPort = 3000
const tries = `
for host in ('127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '127.0.0.2', 'me.example', '1.1.1.9'):
    for port in (${gatewayPort}, 8082):
        where = f'{host}:{port}'
        tell(where, [connect_to(where.encode()), forward(f'http://{where}/mcp'.encode()), straight(host.strip('[]'), port)])
`

async function worldOf(t: Test): Promise<World> {
  const world = new World(t, { 'me.example': ['127.0.0.1'], localhost: ['127.0.0.1'] })
  for (const address of ['127.0.0.1', '::1']) {
    for (const port of [gatewayPort, 8082]) await world.http(address, port)
  }
  return world
}

await enforceable(t, 'network = true reaches nothing on this machine', async (t) => {
  const world = await worldOf(t)
  const { found } = await leave(world, { kind: 'public' }, tries, [gatewayPort])
  for (const [where, [proxied, forwarded, straight]] of Object.entries(found) as [string, string[]][]) {
    t.match(proxied, /^(400|403|502)$/, where)
    t.match(forwarded, /^(400|403|502)$/, where)
    t.match(straight, /^(E[A-Z]+|gaierror|)$/, where)
  }
  t.strictSame(world.heard, [])
})

await enforceable(t, 'a line for this machine opens that port, and never the gateway', async (t) => {
  const world = await worldOf(t)
  const { found, refused } = await leave(
    world,
    parseList(['127.0.0.1:8082', `127.0.0.1:${gatewayPort}`, `me.example:${gatewayPort}`]),
    `
for port in (8082, ${gatewayPort}):
    tell(f'{port}', [connect_to(f'127.0.0.1:{port}'.encode()), straight('127.0.0.1', port, b'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n')[:12]])
tell('name', connect_to(b'me.example:${gatewayPort}'))
`,
    [gatewayPort],
  )
  t.strictSame(found['8082'], ['200', 'HTTP/1.1 200'])
  t.match(found[String(gatewayPort)], ['403', /^(ECONNRESET|EPIPE|)$/])
  t.equal(found['name'], '403')
  t.notOk(world.heard.some((each) => each.startsWith(`127.0.0.1:${gatewayPort}`)))
  t.ok(
    refused.every(({ allow }) => allow === null),
    'no line allows it',
  )
})
