/** Whoever answers for a listed name sends the gateway to what is not public: now, later, or beside a public address. */
import t, { type Test } from 'tap'
import { parseList } from '../../lib/policy/network/list.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave } from '../support/leave.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const places = ['1.1.1.1', '10.9.8.7', '169.254.169.254', '127.0.0.1']

async function worldOf(t: Test, names: Record<string, string[]>): Promise<World> {
  const world = new World(t, names)
  for (const address of places) await world.http(address, 8081)
  return world
}

await enforceable(t, 'a name that is at an inner address is refused, and says which line would allow it', async (t) => {
  const inner = ['10.9.8.7', '127.0.0.1', '169.254.169.254', '::1', '::ffff:10.9.8.7', '1.1.1.1,10.9.8.7', '0.0.0.0']
  const names = Object.fromEntries(inner.map((address, index) => [`n${index}.evil.example`, [address]]))
  const world = await worldOf(t, names)
  const { found, refused } = await leave(
    world,
    parseList(['*.evil.example:8081']),
    `for name in ${JSON.stringify(Object.keys(names))}: tell(name, [connect_to(name.encode() + b':8081'), straight(name, 8081)])`,
  )
  for (const [name, [proxied, straight]] of Object.entries(found) as [string, [string, string]][]) {
    t.equal(proxied, '403', name)
    t.match(straight, /^(ECONNRESET|EPIPE|)$/, name)
  }
  t.strictSame(world.heard, [])
  const line = refused.find(({ destination }) => destination === 'n0.evil.example:8081')
  t.match(line, {
    why: /n0\.evil\.example is at 10\.9\.8\.7, which is a private address/,
    allow: /add "10\.9\.8\.7:8081" to/,
  })
  t.match(
    refused.find(({ destination }) => destination === 'n2.evil.example:8081'),
    { allow: null },
  )
})

await enforceable(
  t,
  'a name that changes between two looks is dialled where it was checked: it is looked at once',
  async (t) => {
    const world = await worldOf(t, { 'turns.example': ['1.1.1.1', '127.0.0.1'] })
    const { found } = await leave(
      world,
      parseList(['turns.example:8081']),
      "tell('first', forward(b'http://turns.example:8081/'))\ntell('second', forward(b'http://turns.example:8081/'))",
    )
    t.strictSame(found, { first: '200', second: '403' })
    t.strictSame(world.heard, ['1.1.1.1:8081 GET turns.example:8081/'])
    t.equal(world.asked.length, 2)
  },
)

await enforceable(t, 'a redirect to an inner address is the next request, and refused like it', async (t) => {
  const world = await worldOf(t, { 'api.example': ['1.1.1.1'] })
  const { found } = await leave(
    world,
    { kind: 'public' },
    "tell('next', forward(b'http://169.254.169.254:8081/latest/meta-data/'))\ntell('listed', forward(b'http://api.example:8081/'))",
  )
  t.strictSame(found, { next: '403', listed: '200' })
})
