/** Requests and answers that two readers take for different ones, by way of the HTTP proxy: from a server, and from where it may go. */
import t, { type Test } from 'tap'
import { parseList } from '../../lib/policy/network/list.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { leave } from '../support/leave.ts'
import { until } from '../support/until.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const list = parseList(['api.example:80'])
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'
const tries = `
import re
def ask(data):
    """The status of the first answer; what came is latin-1."""
    def go():
        sock = socket.create_connection(HTTP, 5)
        with sock:
            sock.sendall(data.encode('latin1'))
            return status(sock.recv(65536))
    return attempt(go)
`

async function worldOf(t: Test, answer: string): Promise<World> {
  const world = new World(t, { 'api.example': ['1.1.1.1'] })
  await world.says('1.1.1.1', 80, answer)
  return world
}

const head = (method: string, headers: string): string =>
  `${method} http://api.example/ HTTP/1.1\r\nHost: api.example\r\n${headers}\r\n`
const second = 'GET /second HTTP/1.1\r\nHost: other.example\r\n\r\n'
const inChunks = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`

/** Whatever its framing, a body is a body at the other end, and never a request. */
const bodies: Readonly<Record<string, string>> = {
  'GET in chunks': head('GET', 'Transfer-Encoding: chunked\r\n') + inChunks(second),
  'DELETE in chunks': head('DELETE', 'Transfer-Encoding: chunked\r\n') + inChunks(second),
  'GET with a length': head('GET', `Content-Length: ${second.length}\r\n`) + second,
  'a length that is called hop-by-hop':
    head('GET', `Content-Length: ${second.length}\r\nConnection: content-length\r\n`) + second,
  'chunks that are called hop-by-hop':
    head('OPTIONS', 'Transfer-Encoding: chunked\r\nConnection: transfer-encoding\r\n') + inChunks(second),
  'a length behind very many headers':
    head('GET', `${'a:\r\n'.repeat(4000)}Content-Length: ${second.length}\r\n`) + second,
}

await enforceable(t, 'a body stays one', async (t) => {
  for (const [what, request] of Object.entries(bodies)) {
    const world = await worldOf(t, ok)
    const { found } = await leave(world, list, `${tries}tell('status', ask(${JSON.stringify(request)}))`)
    world.close()
    t.strictSame(found, { status: '200' }, what)
    // The other end hears of a connection's end a moment later.
    await until(() => world.heard.length > 0)
    t.equal(world.heard.length, 1, `${what}: one connection`)
    const [came = ''] = world.heard
    t.match(came, what.includes('chunks') ? /\r\nTransfer-Encoding: chunked\r\n/ : /\r\nContent-Length: \d+\r\n/, what)
    t.match(came, /^[A-Z]+ \/ HTTP\/1\.1\r\n/, what)
  }
})

const ambiguous: Readonly<Record<string, string>> = {
  'a length and chunks': `${head('POST', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n')}0\r\n\r\n${second}`,
  'two lengths': `${head('POST', 'Content-Length: 5\r\nContent-Length: 50\r\n')}hello${second}`,
  'a signed length': head('POST', 'Content-Length: +5\r\n'),
  'another coding': `${head('POST', 'Transfer-Encoding: xchunked\r\n')}0\r\n\r\n`,
  'chunked, and then another coding': `${head('POST', 'Transfer-Encoding: chunked, identity\r\n')}0\r\n\r\n`,
  'a space before the colon': `${head('POST', 'Content-Length : 5\r\n')}hello`,
  'a line folded': head('GET', 'X: a\r\n b\r\n'),
  'a bare line feed': head('GET', 'X: a\nY: b\r\n'),
  'a NUL': head('GET', 'X: a\0b\r\n'),
  'a second Host': head('GET', 'Host: other.example\r\n'),
  'a host in Latin-1': 'GET http://\u00e4pi.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n',
  'HTTP/2 by prior knowledge': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a head without an end': `GET http://api.example/ HTTP/1.1\r\n${`X: ${'y'.repeat(1000)}\r\n`.repeat(60)}`,
}

await enforceable(t, 'what could be read in two ways is refused, and reaches nobody', async (t) => {
  const world = await worldOf(t, ok)
  const { found } = await leave(
    world,
    list,
    `${tries}for name, data in json.loads(${JSON.stringify(JSON.stringify(ambiguous))}).items(): tell(name, ask(data))`,
  )
  for (const [what, status] of Object.entries(found)) t.match(status, /^(400|431|E(CONNRESET|PIPE))$/, what)
  t.equal(Object.keys(found).length, Object.keys(ambiguous).length)
  t.strictSame(world.heard, [])
})

await enforceable(
  t,
  'each request on one connection is judged, and the host that is named is the one that was judged',
  async (t) => {
    const world = await worldOf(t, ok)
    const { found } = await leave(
      world,
      list,
      `${tries}
data = '${head('GET', '').replaceAll('\r\n', '\\r\\n')}GET http://other.example/ HTTP/1.1\\r\\nConnection: close\\r\\n\\r\\n'
def both():
    with socket.create_connection(HTTP, 5) as sock:
        sock.sendall(data.encode())
        return re.findall(r'HTTP/1.1 \\d+', answer(sock).decode())
tell('both', attempt(both))
tell('upper case', ask('GET http://API.example.:80/x HTTP/1.1\\r\\nHost: other.example\\r\\n\\r\\n'))
tell('upgrade', ask('${head('GET', 'Connection: Upgrade\r\nUpgrade: websocket\r\n').replaceAll('\r\n', '\\r\\n')}'))
`,
    )
    world.close()
    t.match(found, { both: ['HTTP/1.1 200', 'HTTP/1.1 403'], 'upper case': '200', upgrade: '200' })
    await until(() => world.heard.length >= 3)
    t.equal(world.heard.length, 3)
    for (const came of world.heard) {
      t.match(came, /\r\nHost: api\.example\r\n/)
      t.notMatch(came, /upgrade|other\.example/i)
    }
  },
)

/** From a destination that is listed: what Node would throw for, in the middle of the gateway. */
const answers: Readonly<Record<string, [answer: string, status: string]>> = {
  'a status of 99': ['HTTP/1.1 099 x\r\n\r\n', '502'],
  'a status of 0': ['HTTP/1.1 000 x\r\n\r\n', '502'],
  'a control character among its words': ['HTTP/1.1 200 a\u0001b\r\nContent-Length: 0\r\n\r\n', '200'],
  'another protocol': ['HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nGET / HTTP/1.1\r\n\r\n', '502'],
  'another protocol without its name': ['HTTP/1.1 101 x\r\n\r\n', '502'],
  'a control character in a header': ['HTTP/1.1 200 x\r\nX: a\u0001b\r\n\r\n', '502'],
  'two lengths': ['HTTP/1.1 200 x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhi', '502'],
  'a length and chunks': ['HTTP/1.1 200 x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '502'],
  'no HTTP': ['SSH-2.0-x\r\n\r\n', '502'],
  nothing: ['', '502'],
  'ever new headers': [`HTTP/1.1 200 x\r\n${'X: y\r\n'.repeat(9000)}`, '502'],
  'a status of 999, which there is': ['HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n', '999'],
}

await enforceable(t, 'an answer that is none ends as one, and the gateway goes on', async (t) => {
  for (const [what, [answer, status]] of Object.entries(answers)) {
    const world = await worldOf(t, answer)
    const { found } = await leave(world, list, `${tries}tell('status', ask(${JSON.stringify(head('GET', ''))}))`)
    world.close()
    t.strictSame(found, { status }, what)
  }
})
