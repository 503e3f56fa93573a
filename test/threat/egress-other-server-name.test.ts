/** A server asks for a listed name, and then TLS for another one behind the same address. */
import t from 'tap'
import { parseList } from '../../lib/policy/network/list.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave } from '../support/leave.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const say = `
import ssl
def hello(name):
    """The first bytes of a TLS connection."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname = False
    try: context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError: pass
    return outgoing.read()

def through(sock, data, pieces):
    with sock:
        for at in range(0, len(data), pieces):
            sock.sendall(data[at:at + pieces])
        sock.shutdown(socket.SHUT_WR)
        return 'echoed' if answer(sock) == data else 'cut'

def proxied(host, data, pieces=100000):
    def go():
        sock = socket.create_connection(HTTP, 20)
        sock.sendall(b'CONNECT ' + host + b':443 HTTP/1.1\\r\\n\\r\\n')
        if b' 200 ' not in sock.recv(4096): return 'refused'
        return through(sock, data, pieces)
    return attempt(go)

def straightly(host, data, pieces=100000):
    return attempt(lambda: through(socket.create_connection((host, 443), 20), data, pieces))
`

await enforceable(t, 'TLS for the name that was asked for passes, and for another it is cut', async (t) => {
  const names = { 'a.example': ['1.1.1.1'], 'b.w.example': ['1.1.1.1'] }
  const world = new World(t, names)
  for (const address of ['1.1.1.1', '10.9.8.7']) await world.echo(address, 443)
  const { found, refused } = await leave(
    world,
    parseList(['a.example:443', '*.w.example:443', '10.9.8.7:443']),
    `${say}
for way in (proxied, straightly):
    name = way.__name__
    tell(name + ' own', way(*((b'a.example',) if way is proxied else ('a.example',)), hello('a.example')))
    host = (lambda text: text.encode()) if way is proxied else (lambda text: text)
    tell(name + ' in pieces', way(host('a.example'), hello('A.EXAMPLE'), 7))
    tell(name + ' none', way(host('a.example'), hello(None)))
    tell(name + ' no TLS', way(host('a.example'), b'SSH-2.0-x\\r\\n'))
    tell(name + ' wildcard', way(host('b.w.example'), hello('b.w.example')))
    tell(name + ' address', way(host('10.9.8.7'), hello('inner.example')))
    tell(name + ' other', way(host('a.example'), hello('evil.example')))
    tell(name + ' other in pieces', way(host('a.example'), hello('evil.example'), 7))
    tell(name + ' other of the wildcard', way(host('b.w.example'), hello('c.w.example')))
    tell(name + ' listed too', way(host('a.example'), hello('b.w.example')))
    tell(name + ' half', way(host('a.example'), hello('evil.example')[:50]))
`,
  )
  const passes = ['own', 'in pieces', 'none', 'no TLS', 'wildcard', 'address']
  for (const [what, answer] of Object.entries(found)) {
    const isRight = passes.includes(what.replace(/^\w+ /, ''))
    t.match(answer, isRight ? /^echoed$/ : /^(cut|ECONNRESET|EPIPE)$/, what)
  }
  t.equal(world.heard.length, 2 * passes.length, 'nothing of what was cut has arrived')
  t.match(
    refused.find(({ why }) => why.includes('evil.example')),
    { destination: 'a.example:443', allow: null },
  )
})
