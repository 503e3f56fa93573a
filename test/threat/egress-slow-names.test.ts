/** A server connects to names whose own name server never answers: the few threads that look names up are everybody's. */
import t from 'tap'
import type { Resolve } from '../../lib/egress/address-guard.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave, leaveBy } from '../support/leave.ts'
import { until } from '../support/until.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

await enforceable(
  t,
  'no more than four of its names are looked up at once, and another server has its own turn',
  async (t) => {
    const world = new World(t, { 'quick.example': ['1.1.1.1'] })
    await world.echo('1.1.1.1', 80)
    let most = 0
    let isOver = false
    const waiting = new Set<() => void>()
    const never: Resolve = async () => {
      if (!isOver) await new Promise<void>((done) => waiting.add(done))
      return []
    }
    const slow = leaveBy(
      never,
      { kind: 'public' },
      `
def asked(number):
    sock = socket.create_connection(HTTP, 30)
    sock.sendall(b'CONNECT n%d.slow.example:80 HTTP/1.1\\r\\n\\r\\n' % number)
    return sock
socks = [asked(number) for number in range(60)]
tell('answers', sorted({status(sock.recv(100)) for sock in socks}))
`,
    )
    await until(() => {
      most = Math.max(most, waiting.size)
      return waiting.size >= 4
    })
    const { found } = await leave(world, { kind: 'public' }, "tell('quick', straight('quick.example', 80))")
    t.strictSame(found, { quick: 'hello' })
    t.equal(Math.max(most, waiting.size), 4)
    isOver = true
    for (const done of waiting) done()
    t.strictSame((await slow).found, { answers: ['502'] })
  },
)
