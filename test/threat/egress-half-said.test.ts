/** A server says half of everything: heads, greetings, questions; slowly, in many pieces, in many connections at once. Others are served. */
import t from 'tap'
import { parseList } from '../../lib/policy/network/list.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave } from '../support/leave.ts'
import { until } from '../support/until.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const list = parseList(['a.example:7', 'a.example:443'])

/** Of which each holds what it can and says a byte now and then, until the other server has been served. */
const halves: Readonly<Record<string, string>> = {
  'heads of requests': "[held(HTTP, b'GET http://a.example/ HTTP/1.1\\r\\nX: ') for _ in range(300)]",
  'greetings of SOCKS': "[held(SOCKS, b'\\x05\\xff') for _ in range(300)]",
  'requests of SOCKS': "[held(SOCKS, b'\\x05\\x01\\x00\\x05\\x01\\x00\\x03\\xff') for _ in range(300)]",
  'greetings of TLS':
    "[held((look_up('a.example'), 443), b'\\x16\\x03\\x01\\x20\\x00\\x01\\x00\\x1f\\xfc') for _ in range(300)]",
  'greetings of TLS in the smallest records':
    "[held((look_up('a.example'), 443), b'\\x16\\x03\\x01\\x00\\x01\\x01' + b'\\x16\\x03\\x01\\x00\\x01\\x00' * 250) for _ in range(300)]",
}
const hold = `
def held(address, data):
    sock = socket.create_connection(address, 20)
    sock.sendall(data)
    return sock
`

for (const [what, code] of Object.entries(halves)) {
  await enforceable(t, `${what}, 300 at once, leave another server its own`, async (t) => {
    const world = new World(t, { 'a.example': ['1.1.1.1'] })
    for (const port of [7, 443]) await world.echo('1.1.1.1', port)
    const holding = leave(
      world,
      list,
      `${hold}socks = ${code}
tell('held', len(socks))
straight('a.example', 7, b'held')
begun = time.monotonic()
while time.monotonic() < begun + 60 and connect_to(b'a.example:7') != '502':
    for sock in socks[:50]:
        try: sock.send(b'x')
        except OSError: pass
    time.sleep(0.05)
`,
    )
    await until(() => world.heard.some((each) => each.endsWith(' held')))
    const begunAt = performance.now()
    const { found } = await leave(world, list, "for i in range(20): tell(f'{i}', straight('a.example', 7))")
    const seconds = (performance.now() - begunAt) / 1000
    t.strictSame(Object.values(found), Array(20).fill('hello'))
    t.ok(seconds < 10, `${seconds} s`)
    world.close()
    t.strictSame((await holding).found, { held: 300 })
  })
}

await enforceable(t, 'a flood of questions leaves another server its own', async (t) => {
  const world = new World(t, { 'a.example': ['1.1.1.1'] })
  await world.echo('1.1.1.1', 7)
  const flooding = leave(
    world,
    list,
    `
import threading, random
# Before the flood, which takes its own questions along.
sock = socket.create_connection(('a.example', 7), 20)
over = False
def flood():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while not over:
        name = bytes(random.choices(b'abcdefghij', k=50))
        try: sock.sendto(struct.pack('>6H', 7, 0x0100, 1, 0, 0, 0) + b'\\x32' + name + b'\\x07example\\0' + struct.pack('>2H', 1, 1), ('127.0.0.1', 53))
        except OSError: pass
threads = [threading.Thread(target=flood) for _ in range(2)]
for each in threads: each.start()
sock.sendall(b'held')
begun = time.monotonic()
while time.monotonic() < begun + 60 and connect_to(b'a.example:7') != '502': time.sleep(0.05)
over = True
for each in threads: each.join()
tell('ended', True)
`,
  )
  await until(() => world.heard.some((each) => each.endsWith(' held')))
  const begunAt = performance.now()
  const { found } = await leave(world, list, "for i in range(20): tell(f'{i}', straight('a.example', 7))")
  t.strictSame(Object.values(found), Array(20).fill('hello'))
  t.ok(performance.now() - begunAt < 20_000)
  world.close()
  const { refused } = await flooding
  t.ok(refused.length <= 2 * 513 + 10, `${refused.length} lines are told of it`)
})
