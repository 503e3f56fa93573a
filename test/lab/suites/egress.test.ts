/** The way to the world on the kernel at hand, as the user at hand: what is listed is reached in each way, and nothing else. Few starts. */
import { existsSync } from 'node:fs'
import t from 'tap'
import { parseList } from '../../../lib/policy/network/list.ts'
import { leave } from '../../support/leave.ts'
import { withoutRoute } from '../../support/without-route.ts'
import { World } from '../../support/world.ts'

withoutRoute(import.meta.filename)

const get = "b'GET / HTTP/1.1\\r\\nHost: api.example\\r\\nConnection: close\\r\\n\\r\\n'"
const hasIPv6 = existsSync('/proc/net/if_inet6')

t.test('an allow-list opens its destinations and no other', async (t) => {
  const names = { 'api.example': ['1.1.1.1'], 'other.example': ['1.1.1.2'], 'inner.example': ['10.9.8.6'] }
  const world = new World(t, names)
  for (const place of ['1.1.1.1', '1.1.1.2', '10.9.8.7', '10.9.8.6']) await world.http(place, 80)
  const { found, refused } = await leave(
    world,
    parseList(['api.example:80', 'inner.example:80', '10.9.8.7:80']),
    `
for host in ('api.example', '10.9.8.7'):
    tell('CONNECT ' + host, connect_to(host.encode() + b':80'))
    tell('GET ' + host, forward(b'http://' + host.encode() + b'/'))
    tell('straight ' + host, straight(host, 80, ${get})[:12])
tell('SOCKS', socks(3, b'api.example', 80))
for host in ('other.example', 'inner.example', '1.1.1.2', '10.9.8.6', '127.0.0.1', '169.254.169.254', '0x0a.9.8.6'):
    tell('no CONNECT ' + host, connect_to(host.encode() + b':80'))
    tell('no straight ' + host, straight(host, 80))
tell('no port', connect_to(b'api.example:443'))
tell('no name', look_up('other.example'))
`,
  )
  const right: Record<string, RegExp> = {
    CONNECT: /^"200"$/,
    GET: /^"200"$/,
    straight: /^"HTTP\/1.1 200"$/,
    SOCKS: /^0$/,
    no: /^"(400|403|no such name|gaierror|E(CONNRESET|CONNREFUSED|PIPE|NETUNREACH)|)"$/,
  }
  for (const [what, answer] of Object.entries(found)) {
    t.match(JSON.stringify(answer), right[what.split(' ')[0] ?? ''] ?? /^$/, what)
  }
  t.equal(Object.keys(found).length, 23)
  t.ok(world.heard.every((each) => /^(1\.1\.1\.1|10\.9\.8\.7):80 /.test(each)))
  t.match(
    refused.find(({ destination }) => destination === 'other.example:80'),
    { allow: /add "other.example:80" to/ },
  )
})

t.test('network = true reaches public addresses without a name, and no inner ones', async (t) => {
  const world = new World(t, {})
  for (const place of ['1.1.1.1', '10.9.8.7', '127.0.0.1', ...(hasIPv6 ? ['2606:4700::5', '::1'] : [])]) {
    await world.http(place, 80)
  }
  const { found, refused } = await leave(
    world,
    { kind: 'public' },
    `
for host in ('1.1.1.1', ${hasIPv6 ? "'2606:4700::5'" : ''}): tell('straight ' + host, straight(host, 80, ${get})[:12])
for host in ('10.9.8.7', '127.0.0.1', ${hasIPv6 ? "'fd00::1', '::1'" : ''}): tell('no ' + host, straight(host, 80))
tell('port', straight('1.1.1.1', 8443))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock: tell('datagram', attempt(lambda: sock.sendto(b'x', ('1.1.1.1', 443))))
with socket.socket() as sock: tell('bind', attempt(lambda: sock.bind(('1.1.1.1', 5000))))
`,
  )
  for (const [what, answer] of Object.entries(found)) {
    if (what.startsWith('straight')) t.equal(answer, 'HTTP/1.1 200', what)
    else if (what.startsWith('no')) t.match(answer, /^(E(CONNRESET|PIPE)|)$/, what)
    else t.equal(answer, what === 'bind' ? 'EADDRNOTAVAIL' : 'ENETUNREACH', what)
  }
  t.ok(world.heard.every((each) => /^(1\.1\.1\.1|2606:4700::5):80 /.test(each)))
  t.match(refused, [{ destination: '10.9.8.7:80', way: 'transparent' }])
})
