/** A server with the whole internet has addresses written into it, and knows of no proxy: public ones it reaches, and no others. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave } from '../support/leave.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const get = "b'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n'"

await enforceable(t, 'public addresses are reached in each way, of either family', async (t) => {
  const world = new World(t, {})
  for (const port of [22, 80, 443]) await world.http('1.1.1.1', port)
  for (const port of [80, 443, 8443]) await world.http('2606:4700::5', port)
  const { found, refused } = await leave(
    world,
    { kind: 'public' },
    `
for host, ports in (('1.1.1.1', (22, 80, 443)), ('2606:4700::5', (80, 443)), ('::ffff:1.1.1.1', (80,))):
    for port in ports: tell(f'straight {host} {port}', straight(host, port, ${get})[:12])
tell('CONNECT', connect_to(b'[2606:4700::5]:8443'))
tell('GET', forward(b'http://[2606:4700::5]:8443/x', b'Host: [2606:4700::5]:8443\\r\\n'))
tell('SOCKS', socks(4, socket.inet_pton(socket.AF_INET6, '2606:4700::5'), 8443))
`,
  )
  for (const [what, answer] of Object.entries(found)) {
    const right: Record<string, unknown> = { SOCKS: 0, straight: 'HTTP/1.1 200', CONNECT: '200', GET: '200' }
    t.equal(answer, right[what.split(' ')[0] ?? ''], what)
  }
  t.equal(Object.keys(found).length, 9)
  t.strictSame(refused, [])
  t.ok(world.heard.includes('2606:4700::5:8443 GET [2606:4700::5]:8443/x'))
})

const inner = [
  ...['10.9.8.7', '192.168.1.1', '172.16.0.1', '100.64.0.1', '169.254.169.254', '169.254.1.1', '240.0.0.1', '0.1.2.3'],
  ...['fd00:ec2::254', 'fd00::1', '64:ff9b::a09:807', '::ffff:10.9.8.7', '2002:a09:807::1', '2001::1', '::10.9.8.7'],
]

await enforceable(t, 'others are refused and told, also under names of this machine', async (t) => {
  const world = new World(t, {})
  for (const address of ['10.9.8.7', '169.254.169.254', '127.0.0.1', '::1']) await world.http(address, 80)
  await world.http('1.1.1.1', 80)
  const own = ['127.0.0.1', '127.0.0.2', '::1', '::ffff:127.0.0.1', '0.0.0.0', '::', '224.0.0.1', 'ff02::1', 'fe80::1']
  const { found, refused } = await leave(
    world,
    { kind: 'public' },
    `
for host in ${JSON.stringify([...inner, ...own])}:
    tell(host, straight(host, 80))
    written = (f'[{host}]' if ':' in host else host).encode()
    tell('CONNECT ' + host, connect_to(written + b':80'))
for host in ('[fe80::1%25lo]', '[fe80::1%lo]', '[::1%lo]', '[2606:4700::5%lo]'): tell('CONNECT ' + host, connect_to(host.encode() + b':80'))
`,
  )
  for (const [what, answer] of Object.entries(found)) {
    t.match(answer, what.startsWith('CONNECT') ? /^(400|403)$/ : /^(E(CONNRESET|PIPE|NETUNREACH|INVAL)|)$/, what)
  }
  t.strictSame(world.heard, [])
  const told = new Set(refused.filter(({ way }) => way === 'transparent').map(({ destination }) => destination))
  for (const address of ['10.9.8.7:80', '169.254.169.254:80', '[fd00::1]:80', '[64:ff9b::a09:807]:80']) {
    t.ok(told.has(address), `${address} is told`)
  }
  t.notOk(
    [...told].some((each) => /^(127|\[::1\])/.test(each)),
    "the server's own loopback is no attempt to leave",
  )
})

await enforceable(t, 'an address of this machine is refused, public as it may be', async (t) => {
  const world = new World(t, {})
  world.give('1.1.1.77')
  await world.http('1.1.1.77', 80)
  const { found } = await leave(world, { kind: 'public' }, "tell('own', straight('1.1.1.77', 80))")
  t.match(found, { own: /^(ECONNRESET|EPIPE|)$/ })
  t.strictSame(world.heard, [])
})

await enforceable(t, 'other ports, and datagrams, fail at once; and what is inside stays as it is', async (t) => {
  const world = new World(t, {})
  await world.http('1.1.1.1', 8443)
  const { found } = await leave(
    world,
    { kind: 'public' },
    `
def datagram(host, port, connected):
    with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        if connected: sock.connect((host, port))
        else: sock.sendto(b'x', (host, port))
        return 'sent'
begun = time.monotonic()
for host in ('1.1.1.1', '10.9.8.7', '2606:4700::5'):
    tell('tcp ' + host, straight(host, 8443))
    for connected in (True, False): tell(f'udp {host} {connected}', attempt(lambda: datagram(host, 443, connected)))
tell('quick', time.monotonic() - begun < 2)
def bound(host, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, kind) as sock:
        sock.bind((host, 5000))
        return 'bound'
for host in ('1.1.1.1', '2606:4700::5', '10.9.8.7'):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM): tell(f'bind {host} {kind}', attempt(lambda: bound(host, kind)))
def own(host):
    """A server of its own answers it."""
    with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET) as listener:
        listener.bind((host, 8080))
        listener.listen()
        with socket.create_connection((host, 8080), 5) as sock:
            peer, _ = listener.accept()
            peer.sendall(b'own')
            peer.close()
            return answer(sock).decode()
for host in ('127.0.0.1', '127.9.9.9', '::1'): tell('own ' + host, attempt(lambda: own(host)))
tell('interfaces', [name for _, name in socket.if_nameindex()])
`,
  )
  for (const [what, answer] of Object.entries(found)) {
    const [kind = ''] = what.split(' ')
    const right: Record<string, unknown> = {
      ...{ tcp: 'ENETUNREACH', udp: 'ENETUNREACH', bind: 'EADDRNOTAVAIL', own: 'own', quick: true, interfaces: ['lo'] },
    }
    t.strictSame(answer, right[kind], what)
  }
  t.strictSame(world.heard, [])
})
