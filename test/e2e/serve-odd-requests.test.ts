/** Requests as no client sends them: the answer that the RFCs give, nothing of our insides in it, and others are served on. */
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { openSession, said } from '../fixtures/wire.ts'
import { type Heard, RawSocket } from '../support/raw-socket.ts'

const { gateway, url, port, lines } = await startGateway([
  server('fix', [fixtureServer('legacy.mjs'), 'fix'], { protocol: 'legacy' }),
])
t.teardown(() => gateway.stop(0))
// Before 2025-11-25 an answer stays plain JSON however long it takes.
const session = await openSession(`${url}/mcp/fix`, {}, '2025-06-18')
const other = await openSession(`${url}/mcp/fix`)
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const pong = /\r\n\r\n\{"jsonrpc":"2\.0","id":1,"result":\{\}\}$/

interface Parts {
  readonly target?: string
  /** Replaces the header; null: takes it out. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** Further lines, as they are. */
  readonly more?: string
  readonly body?: string
}

function request({ target = '/mcp/fix', headers = {}, more = '', body = ping }: Parts): string {
  const all: Record<string, string | null> = {
    host: `127.0.0.1:${port}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...session.headers,
    ...headers,
  }
  const head = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]))
  return `POST ${target} HTTP/1.1\r\n${head.join('')}${more}\r\n${body}`
}

const withoutBody = (line: string, more = '') => `${line}\r\nhost: 127.0.0.1:${port}\r\n${more}\r\n`
const chunked = { 'content-length': null, 'transfer-encoding': 'chunked' }
const inChunks = (size: string) => `${size}\r\n${ping}\r\n0\r\n\r\n`

/** What is sent, the status of the answer, and what else it says. */
type Row = readonly [what: string, bytes: string, status: number, says?: RegExp]

const methods: Row[] = [
  ['an unknown method', withoutBody('FOO /mcp/fix HTTP/1.1'), 400],
  ['OPTIONS of a path', withoutBody('OPTIONS /mcp/fix HTTP/1.1'), 204, /allow: POST, GET, DELETE, OPTIONS/i],
  ['OPTIONS of the server', withoutBody('OPTIONS * HTTP/1.1'), 204],
  ['HEAD of a path that has none', withoutBody('HEAD /mcp/fix HTTP/1.1'), 405, /allow: POST.*\r\n\r\n$/is],
  ['PUT', withoutBody('PUT /mcp/fix HTTP/1.1', 'content-length: 0\r\n'), 405, /allow: POST/i],
  ['TRACE', withoutBody('TRACE /mcp/fix HTTP/1.1', 'cookie: hunter2\r\n'), 405, /^(?!.*hunter2)/s],
  ['CONNECT', withoutBody('CONNECT 127.0.0.1:1 HTTP/1.1'), 405, /allow:/i],
  ['an upgrade that is not taken', request({ more: 'connection: upgrade\r\nupgrade: websocket\r\n' }), 200, pong],
  ['HTTP/2 without being asked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['TLS on a plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['lines that end with LF alone', request({}).replaceAll('\r\n', '\n'), 400],
]

const targets: Row[] = [
  ['the absolute form', request({ target: `http://127.0.0.1:${port}/mcp/fix` }), 200, pong],
  ['the absolute form of another host', request({ target: 'http://evil.example/mcp/fix' }), 403, /evil\.example/],
  ['the absolute form with an account', request({ target: `http://a@127.0.0.1:${port}/mcp/fix` }), 403],
  ['the absolute form of another scheme', request({ target: `ftp://127.0.0.1:${port}/mcp/fix` }), 404],
  ['the authority form', withoutBody(`GET 127.0.0.1:${port} HTTP/1.1`), 400],
  ['an encoded letter', request({ target: '/mcp/fi%78' }), 200, pong],
  ['an encoded slash', request({ target: '/mcp%2ffix' }), 404],
  ['a slash within a name', request({ target: '/mcp/a%2ffix' }), 404],
  ['dots', request({ target: '/mcp/../mcp/fix' }), 404],
  ['encoded dots', request({ target: '/mcp/%2e%2e/mcp/fix' }), 404],
  ['half an encoding', request({ target: '/mcp/%' }), 404],
  ['an encoding of what is no UTF-8', request({ target: '/mcp/%ff%fe' }), 404],
  ['NUL', request({ target: '/mcp/%00' }), 404],
  ['two slashes', request({ target: '//mcp/fix' }), 404],
  ['__proto__', request({ target: '/mcp/__proto__' }), 404, /no server/],
  ['constructor', request({ target: '/mcp/constructor' }), 404, /no server/],
  ['a session called __proto__', request({ target: '/messages?sessionId=__proto__' }), 404, /no such session/],
  ['half an encoding in the query', request({ target: '/messages?sessionId=%' }), 404, /no such session/],
  ['a long name', request({ target: `/mcp/${'a'.repeat(10_000)}` }), 404],
  ['a URL without end', withoutBody(`GET /${'a'.repeat(40_000)} HTTP/1.1`), 431],
]

const headers: Row[] = [
  ['no Host', 'GET /mcp HTTP/1.1\r\n\r\n', 400],
  ['an empty Host', request({ headers: { host: '' } }), 403],
  ['a Host with an account', request({ headers: { host: `a@127.0.0.1:${port}` } }), 403],
  ['Host twice', request({ more: 'host: evil.example\r\n' }), 400, /may be sent once/],
  ['Content-Type twice', request({ more: 'content-type: application/json\r\n' }), 400, /may be sent once/],
  ['MCP-Protocol-Version twice', request({ more: 'MCP-Protocol-Version: 2025-06-18\r\n' }), 400, /may be sent once/],
  ['Mcp-Session-Id twice', request({ more: 'mcp-session-id: a\r\n' }), 400, /may be sent once/],
  ['Authorization twice', request({ more: 'authorization: a\r\nauthorization: b\r\n' }), 400, /may be sent once/],
  ['two lengths', request({ more: 'content-length: 1\r\n' }), 400],
  ['a negative length', request({ headers: { 'content-length': '-1' } }), 400],
  ['a signed length', request({ headers: { 'content-length': `+${ping.length}` } }), 400],
  ['a length that no number holds', request({ headers: { 'content-length': '9'.repeat(30) } }), 400],
  ['a length above the limit', request({ headers: { 'content-length': '999999999999' } }), 413, /-31413/],
  ['a length and chunks', request({ more: 'transfer-encoding: chunked\r\n' }), 400],
  ['chunks', request({ headers: chunked, body: inChunks('28') }), 200, pong],
  ['a chunk whose size is no number', request({ headers: chunked, body: inChunks('zz') }), 400],
  ['a chunk with an endless extension', request({ headers: chunked, body: inChunks(`28;${'a'.repeat(20_000)}`) }), 413],
  [
    'a coding below the chunks',
    request({ headers: { ...chunked, 'transfer-encoding': 'gzip, chunked' }, body: inChunks('28') }),
    501,
  ],
  ['a coding without an end', request({ headers: { ...chunked, 'transfer-encoding': 'identity' } }), 501],
  ['a length and a coding', request({ more: 'transfer-encoding: identity\r\n' }), 400],
  [
    'a trailer that names another session',
    request({ headers: chunked, body: `28\r\n${ping}\r\n0\r\nmcp-session-id: x\r\n\r\n` }),
    200,
    pong,
  ],
  ['Expect: 100-continue', request({ more: 'expect: 100-continue\r\n' }), 100, pong],
  ['another expectation', request({ more: 'expect: 200-maybe\r\n' }), 417],
  ['a folded line', request({ more: 'x-a: b\r\n c\r\n' }), 400],
  ['a space before the colon', request({ more: 'x-a : b\r\n' }), 400],
  ['NUL in a value', request({ more: 'x-a: \0\r\n' }), 400],
  ['a large header', request({ more: `x-a: ${'b'.repeat(20_000)}\r\n` }), 431],
  [
    'a session id behind two thousand headers',
    request({ more: `${'a:b\r\n'.repeat(2100)}mcp-session-id: x\r\n` }),
    400,
    /may be sent once/,
  ],
  ['a revision that never was', request({ headers: { 'mcp-protocol-version': '__proto__' } }), 400, /-32600/],
  ['a revision of bytes', request({ headers: { 'mcp-protocol-version': '\xff\xfe' } }), 400, /-32600/],
  ['a session id called __proto__', request({ headers: { 'mcp-session-id': '__proto__' } }), 404, /-31404/],
  ['an empty session id', request({ headers: { 'mcp-session-id': '' } }), 404, /-31404/],
]

const contents: Row[] = [
  ['no Accept', request({ headers: { accept: null } }), 406, /-32600/],
  ['half of what must be accepted', request({ headers: { accept: 'application/json' } }), 406],
  ['an Accept that takes it back', request({ headers: { accept: 'application/json;q=0, text/event-stream' } }), 406],
  ['an Accept with qualities', request({ headers: { accept: 'application/json;q=0.1, TEXT/*; q=1.0' } }), 200, pong],
  ['no Content-Type', request({ headers: { 'content-type': null } }), 415, /-32600/],
  ['two types in one header', request({ headers: { 'content-type': 'text/plain, application/json' } }), 415],
  ['a type that only begins alike', request({ headers: { 'content-type': 'application/json-patch+json' } }), 415],
  [
    'a charset that JSON has not',
    request({ headers: { 'content-type': 'application/json; charset=iso-8859-1' } }),
    415,
  ],
  ['the charset of JSON', request({ headers: { 'content-type': 'Application/JSON ;Charset="UTF-8"' } }), 200, pong],
  ['a compressed body', request({ headers: { 'content-encoding': 'gzip' }, body: '\x1f\x8b\x08\0' }), 415],
  ['a body that is not compressed', request({ headers: { 'content-encoding': 'identity' } }), 200, pong],
  ['no body', request({ body: '' }), 400, /-32700/],
  ['a body with a byte order mark', request({ body: `\xef\xbb\xbf${ping}` }), 400, /-32700/],
  ['UTF-16', request({ body: '\xff\xfe{\0}\0' }), 400, /-32700/],
  ['arrays without end', request({ body: '['.repeat(100_000) }), 400, /-32700/],
  ['objects without end', request({ body: '{"a":'.repeat(100_000) }), 400, /-32700/],
  [
    'a number without end as id',
    request({ body: `{"jsonrpc":"2.0","id":${'9'.repeat(10_000)},"method":"ping"}` }),
    200,
    /9{10000},"result"/,
  ],
]

const bodies: Row[] = (
  [
    ['null', 400, /-32600/],
    ['"x"', 400, /-32600/],
    ['{}', 400, /-32600/],
    ['[]', 400, /-32600/],
    ['{"id":1,"method":"ping"}', 400, /-32600/],
    ['{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":1e400,"method":"ping"}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":{},"method":"ping"}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":1,"method":5}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":5}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', 400, /-32600/],
    ['{"jsonrpc":"2.0","id":01,"method":"ping"}', 400, /-32700/],
    ['{"jsonrpc":"2.0","id":NaN,"method":"ping"}', 400, /-32700/],
    ['{"jsonrpc":"2.0","id":1,"method":"ping"}{}', 400, /-32700/],
    ['{"jsonrpc":"2.0","id":"\xff","method":"ping"}', 400, /-32700/],
    ['{"jsonrpc":"2.0","id":"\0","method":"ping"}', 400, /-32700/],
    ['{"jsonrpc":"2.0","id":-0,"method":"ping"}', 200, /"id":-0,"result"/],
    ['{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', 200, /"id":9007199254740993,"result"/],
    ['{"jsonrpc":"2.0","id":"__proto__","method":"ping"}', 200, /"id":"__proto__","result"/],
    ['{"jsonrpc":"2.0","id":"constructor","method":"ping"}', 200, /"id":"constructor","result"/],
    ['{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', 200, /"id":"\\ud800","result"/],
    ['{"jsonrpc":"2.0","id":7,"result":{}}', 202],
    ['{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"__proto__"}}', 202],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":{"__proto__":{"a":1},"constructor":1}}', 200, pong],
  ] as const
).map(([body, status, says = /^/]) => [body.slice(0, 100), request({ body }), status, says])

const all = { methods, targets, headers, contents, bodies }
for (const [group, rows] of Object.entries(all)) {
  t.test(`odd ${group} get the answer of their kind, and nobody else notices`, async (t) => {
    for (const [what, bytes, status, says = /^/] of rows) {
      const heard = await new RawSocket(port, bytes).hear()
      t.equal(heard.statuses[0], status, what)
      t.match(heard.text, says, what)
      tellsNothing(t, heard, what)
    }
    t.equal(said(await other.call(1, 'echo', { value: group })), group, 'a second client is served')
    t.equal(said(await session.call(1, 'echo', { value: group })), group, 'the session lives on')
    t.notOk(lines.some(({ level }) => level === 'error'))
  })
}

t.test('requests that come behind each other on one connection are answered in order', async (t) => {
  const ids = [1, 2, 3, 4, 5]
  const bytes = ids.map((id) => request({ body: ping.replace('1', String(id)).replace('"id":1', `"id":${id}`) }))
  const { text, statuses } = await new RawSocket(port, bytes.join('')).hear()
  t.same(
    statuses,
    ids.map(() => 200),
  )
  t.same(
    [...text.matchAll(/"id":(\d),"result"/g)].map(([, id]) => Number(id)),
    ids,
  )
})

t.test('what follows a refused request on its connection is not taken for a request', async (t) => {
  const inner = request({ body: ping })
  const { statuses, isEnded } = await new RawSocket(
    port,
    request({ headers: { 'content-type': 'text/plain' }, body: inner }),
  ).hear()
  t.same(statuses, [415])
  t.ok(isEnded)
})

/** No stack, no path of a file, no name of what we are made of. */
function tellsNothing(t: Test, { text }: Heard, what: string): void {
  t.notMatch(text, /node:|node_modules|\.[jt]s\b|\bat \S+ \(|\/(home|root|tmp|usr)\//, what)
}
