/** A server with an allow-list spells a destination in every way that some reader takes for another one. */
import t from 'tap'
import { parseList } from '../../lib/policy/network/list.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave } from '../support/leave.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const list = parseList(['api.example:80', '*.wild.example:80', '10.9.8.7:80'])

await enforceable(t, 'what is listed is reached, in each way', async (t) => {
  const world = new World(t, {
    'api.example': ['1.1.1.1'],
    'a.wild.example': ['1.1.1.2'],
    'other.example': ['1.1.1.3'],
  })
  for (const address of ['1.1.1.1', '1.1.1.2', '1.1.1.3', '10.9.8.7', '10.9.8.6']) await world.http(address, 80)
  const get = "b'GET / HTTP/1.1\\r\\nHost: api.example\\r\\nConnection: close\\r\\n\\r\\n'"
  const { found, refused } = await leave(
    world,
    list,
    `
for host in ('api.example:80', 'API.Example.:80', 'a.wild.example:80', '10.9.8.7:80'):
    tell('CONNECT ' + host, connect_to(host.encode()))
    tell('GET ' + host, forward(b'http://' + host.encode() + b'/x'))
tell('GET without a port', forward(b'http://api.example/x'))
tell('SOCKS name', socks(3, b'api.example', 80))
tell('SOCKS address', socks(1, bytes([10, 9, 8, 7]), 80))
tell('SOCKS address of a name', socks(1, socket.inet_aton(look_up('api.example')), 80))
tell('CONNECT address of a name', connect_to(look_up('api.example').encode() + b':80'))
for host in ('api.example', 'a.wild.example', '10.9.8.7'):
    tell('straight ' + host, straight(host, 80, ${get})[:12])
`,
  )
  for (const [what, answer] of Object.entries(found)) {
    const right: Record<string, unknown> = { SOCKS: 0, straight: 'HTTP/1.1 200', CONNECT: '200', GET: '200' }
    t.equal(answer, right[what.split(' ')[0] ?? ''], what)
  }
  t.strictSame(refused, [])
  t.notOk(world.heard.some((each) => /^1\.1\.1\.3|^10\.9\.8\.6/.test(each)))
})

await enforceable(t, 'nothing else is, however it is spelled', async (t) => {
  const world = new World(t, { 'api.example': ['1.1.1.1'], 'wild.example': ['1.1.1.2'], 'other.example': ['1.1.1.3'] })
  const places = ['1.1.1.1:443', '1.1.1.2:80', '1.1.1.3:80', '10.9.8.6:80', '169.254.169.254:80', '127.0.0.1:80']
  for (const place of places) {
    const [address = '', port] = place.split(':')
    await world.http(address, Number(port))
  }
  const { found } = await leave(
    world,
    list,
    `
hosts = [
    b'api.example:443', b'other.example:80', b'wild.example:80', b'api.example', b'api.example:', b'api.example:080x',
    b'10.9.8.6:80', b'168364039:80', b'0xa090807:80', b'012.011.010.007:80', b'10.9.2055:80', b'10.9.8.7.:80', b'010.9.8.7:80',
    b'[::ffff:10.9.8.7]:80', b'[::ffff:a09:807]:80', b'[64:ff9b::a09:807]:80', b'169.254.169.254:80', b'2852039166:80', b'[fd00:ec2::254]:80',
    b'127.0.0.1:80', b'127.1:80', b'0.0.0.0:80', b'[::1]:80', b'[::]:80', b'localhost:80', b'1.1.1.3:80', b'0:80', b'22.64.9.9:80',
    b'user@api.example:80', b'api.example:80@other.example:80', b'other.example:80#api.example:80', b'other.example:80?api.example:80',
    b'api.example%00.other.example:80', b'api.example%2eother.example:80', b'api.example\\\\@other.example:80', b'*.wild.example:80',
    b'api.example..:80', b'.api.example:80', b'api.example.other.example:80', b'xn--pi-6ic.example:80', b'http://api.example:80', b'/', b'*',
]
for host in hosts:
    tell('CONNECT ' + host.decode('latin1'), connect_to(host))
    tell('GET ' + host.decode('latin1'), forward(b'http://' + host + b'/'))
tell('two hosts', forward(b'http://api.example/', b'Host: api.example\\r\\nHost: other.example\\r\\n'))
tell('origin form', forward(b'/', b'Host: api.example\\r\\n'))
tell('https by GET', forward(b'https://api.example:80/'))
tell('ftp', forward(b'ftp://api.example:80/'))
tell('CRLF in the target', forward(b'http://api.example/ HTTP/1.1\\r\\nX: y\\r\\n\\r\\nGET http://other.example/'))
for kind, host, port in ((3, b'other.example', 80), (3, b'api.example', 443), (3, b'127.0.0.1', 80), (3, b'0x7f.1', 80), (3, b'api.example\\0.other.example', 80),
                         (1, bytes([127, 0, 0, 1]), 80), (1, bytes([169, 254, 169, 254]), 80), (1, bytes([1, 1, 1, 3]), 80), (4, bytes(15) + bytes([1]), 80),
                         (4, bytes(10) + bytes([255, 255, 10, 9, 8, 7]), 80), (9, b'', 80), (3, b'', 80), (3, b'api.example', 0)):
    tell(f'SOCKS {kind} {host} {port}', socks(kind, host, port))
def greeted(data):
    got = raw(SOCKS, data)
    return 'nothing' if got == b'\\x05\\xff' else got.hex()
tell('greeting of SOCKS 4', attempt(lambda: greeted(b'\\x04\\x01\\x00\\x50\\x01\\x01\\x01\\x01\\x00')))
tell('greeting with a password only', attempt(lambda: greeted(b'\\x05\\x01\\x02')))
tell('greeting without methods', attempt(lambda: greeted(b'\\x05\\x00')))
tell('SOCKS bind', socks(3, b'api.example', 80, 2))
tell('SOCKS udp', socks(3, b'api.example', 80, 3))
for name in ('other.example', 'wild.example', 'a.b.other.example', 'x' * 60 + '.tunnel.example'):
    tell('look up ' + name, look_up(name))
for address, port in (('1.1.1.1', 80), ('1.1.1.3', 80), ('10.9.8.6', 80), ('10.9.8.7', 81), ('169.254.169.254', 80), ('22.64.200.200', 80), ('127.0.0.1', 80), ('2606:4700::1', 80)):
    tell(f'straight {address} {port}', straight(address, port))
def udp(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((address, port))
        sock.send(b'x')
        sock.settimeout(5)
        return sock.recv(10)
tell('udp outside', attempt(lambda: udp('1.1.1.1', 443)))
tell('udp to a listed one', attempt(lambda: udp(look_up('api.example'), 443)))
tell('AAAA', ask(b'api.example', 28))
tell('TXT', ask(b'api.example', 16))
tell('TXT elsewhere', ask(b'secret.tunnel.example', 16))
`,
  )
  for (const [what, answer] of Object.entries(found)) t.match(JSON.stringify(answer), refusalOf(what), what)
  t.strictSame(world.heard, [])
  t.notOk(
    world.asked.some((each) => !each.startsWith('api.example ')),
    'no other name was resolved',
  )
})

/** What each kind of attempt must get, as JSON. */
function refusalOf(what: string): RegExp {
  if (what === 'AAAA' || what === 'TXT') return /^\[0,0\]$/
  if (what === 'TXT elsewhere') return /^\[3,0\]$/
  if (what.startsWith('look up')) return /^"no such name"$/
  if (what.startsWith('udp')) return /^"E(NETUNREACH|CONNREFUSED|PERM)"$/
  if (what.startsWith('straight')) return /^"(E(NETUNREACH|CONNREFUSED|CONNRESET|PIPE)|)"$/
  if (what.startsWith('SOCKS')) return /^[278]$/
  return /^"(400|403|501|502|nothing)"$/
}
