/** Every way to send a packet, from a server without network. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const ways = `
# Documentation addresses (RFC 5737, RFC 3849): nobody answers there, so only a missing route gives ENETUNREACH at once.
def tcp(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        client.connect((address, 80))
def udp(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.sendto(b'x', (address, 53))
def raw(family, protocol):
    socket.socket(family, socket.SOCK_RAW, protocol)
def resolve():
    try:
        socket.getaddrinfo('example.com', 80)
    except socket.gaierror as error:
        raise OSError(errno.EHOSTUNREACH, str(error))
act('tcp', lambda: tcp(socket.AF_INET, '192.0.2.1'))
act('tcp v6', lambda: tcp(socket.AF_INET6, '2001:db8::1'))
act('metadata service', lambda: tcp(socket.AF_INET, '169.254.169.254'))
act('udp', lambda: udp(socket.AF_INET, '192.0.2.1'))
act('udp v6', lambda: udp(socket.AF_INET6, '2001:db8::1'))
act('multicast', lambda: udp(socket.AF_INET, '224.0.0.251'))
act('name', resolve)
act('raw', lambda: raw(socket.AF_INET, socket.IPPROTO_RAW))
act('raw icmp', lambda: raw(socket.AF_INET, socket.IPPROTO_ICMP))
act('ping', lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP))
act('packet', lambda: raw(socket.AF_PACKET, 0x300))
server = socket.create_server(('127.0.0.1', 0))
act('own loopback', lambda: socket.create_connection(server.getsockname(), 2).close())
server6 = socket.create_server(('::1', 0), family=socket.AF_INET6)
act('own loopback v6', lambda: socket.create_connection(server6.getsockname()[:2], 2).close())
tell('interfaces', [name for _, name in socket.if_nameindex()])
tell('routes', read('/proc/net/route').count(chr(10)))
tell('curl', subprocess.run(['curl', '-sS', '-m', '3', 'http://192.0.2.1/'], capture_output=True).returncode)
`

await enforceable(t, 'neither curl nor any kind of socket gets out; its own loopback works', async (t) => {
  const found = await attack(ways)
  for (const act of ['tcp', 'tcp v6', 'metadata service', 'udp', 'udp v6', 'multicast'])
    t.equal(found[act], 'ENETUNREACH', act)
  t.equal(found['name'], 'EHOSTUNREACH')
  for (const act of ['raw', 'raw icmp', 'ping', 'packet'])
    t.match(found[act], /^E(PERM|ACCES|AFNOSUPPORT|PROTONOSUPPORT)$/, act)
  t.match(found, { 'own loopback': 'allowed', 'own loopback v6': 'allowed', interfaces: ['lo'], routes: 1, curl: 7 })
})
