import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Resolve } from '../../../lib/egress/address-guard.ts'
import { readWhole } from '../../../lib/upstream/http/bodies.ts'
import { Origin, type Outbound } from '../../../lib/upstream/http/origin.ts'
import { remote } from '../../fixtures/gateway.ts'
import { serveHttp } from '../../fixtures/remote-servers.ts'
import { withoutRoute } from '../../support/without-route.ts'

withoutRoute(import.meta.filename)

function originAt(t: Test, url: string, overrides: Parameters<typeof remote>[2] = {}, resolve?: Resolve): Origin {
  const origin = new Origin(remote('far', url, overrides), resolve)
  t.teardown(() => origin.close())
  return origin
}

function get(url: string, overrides: Partial<Outbound> = {}): Outbound {
  const signal = AbortSignal.timeout(60_000)
  return { method: 'GET', url: new URL(url), headers: {}, body: null, signal, headersTimeoutMs: 60_000, ...overrides }
}

const zeros = Buffer.alloc(16 * 1024 * 1024)
const failure = (message: RegExp) => ({ code: 'TRANSPORT_ERROR', message })

t.test('the configured headers go along, and the protocol stands above them', async (t) => {
  const far = await serveHttp(t, (_, response) => response.end('hello'))
  const origin = originAt(t, far.origin, { headers: { Authorization: 'Bearer x', 'X-A': 'b' } })
  const answer = await origin.request(get(`${far.origin}/a?b=c`, { headers: { 'mcp-method': 'm' } }))
  t.equal(await text(answer.body), 'hello')
  t.equal(far.seen[0]?.url, '/a?b=c')
  t.match(far.seen[0]?.headers, {
    authorization: 'Bearer x',
    'x-a': 'b',
    'mcp-method': 'm',
    'accept-encoding': 'identity',
  })
})

t.test('connections are used again', async (t) => {
  const ports = new Set<number | undefined>()
  const far = await serveHttp(t, ({ socket }, response) => {
    ports.add(socket.remotePort)
    response.end('x')
  })
  const origin = originAt(t, far.origin)
  for (let turn = 0; turn < 10; turn += 1) await buffer((await origin.request(get(far.origin))).body)
  // The next request may come before the last connection is free again, and then there are two.
  t.ok(ports.size <= 2, `${ports.size} connections`)
})

t.test('redirects within the origin are followed with method and body, three times at most', async (t) => {
  const far = await serveHttp(t, ({ url }, response) => {
    const left = Number(url?.slice(1))
    if (left === 0) response.end('there')
    else response.writeHead(307, { location: `/${left - 1}` }).end()
  })
  const origin = originAt(t, far.origin)
  const post = { method: 'POST', body: Buffer.from('b') } as const
  t.equal(await text((await origin.request(get(`${far.origin}/3`, post))).body), 'there')
  t.match(far.seen.at(-1), { method: 'POST', url: '/0', body: 'b' })
  await t.rejects(origin.request(get(`${far.origin}/4`, post)), failure(/redirects more than 3 times/))
})

t.test('a POST is not turned into a GET', async (t) => {
  const far = await serveHttp(t, (_, response) => response.writeHead(302, { location: '/x' }).end())
  const outbound = get(far.origin, { method: 'POST', body: Buffer.from('b') })
  await t.rejects(originAt(t, far.origin).request(outbound), failure(/redirects a POST with the status 302/))
})

t.test('a redirect to another origin is not followed, and the headers do not get there', async (t) => {
  const other = await serveHttp(t, (_, response) => response.end('mine'))
  for (const location of [
    other.origin,
    `//127.0.0.1:${other.port}/x`,
    'https://example.com/',
    'http://',
    'file:///etc/passwd',
  ]) {
    const far = await serveHttp(t, (_, response) => response.writeHead(307, { location }).end())
    await t.rejects(
      originAt(t, far.origin, { headers: { A: 'secret' } }).request(get(far.origin)),
      failure(/redirects to /),
    )
  }
  t.equal(other.seen.length, 0)
})

t.test('endless headers are refused', async (t) => {
  const port = await serveRaw(t, 'HTTP/1.1 200 OK\r\n', 'X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n')
  const url = `http://127.0.0.1:${port}`
  await t.rejects(originAt(t, url).request(get(url)), failure(/the headers of its answer are too large/))
})

t.test('what is no HTTP is refused', async (t) => {
  const port = await serveRaw(t, 'SSH-2.0-OpenSSH_9.6\r\n')
  const url = `http://127.0.0.1:${port}`
  await t.rejects(originAt(t, url).request(get(url)), failure(/what it sends is no HTTP/))
})

t.test('a server that does not begin to answer is given up', async (t) => {
  const far = await serveHttp(t, () => {})
  const outbound = get(far.origin, { headersTimeoutMs: 200 })
  await t.rejects(originAt(t, far.origin).request(outbound), failure(/it did not begin to answer in time/))
})

t.test('an answer that is compressed without being asked for is refused', async (t) => {
  const bombs = { gzip: gzipSync(zeros), deflate: deflateSync(zeros), br: brotliCompressSync(zeros), zstd: zeros }
  for (const [coding, bomb] of Object.entries(bombs)) {
    const far = await serveHttp(t, (_, response) => response.writeHead(200, { 'content-encoding': coding }).end(bomb))
    const answer = originAt(t, far.origin).request(get(far.origin))
    await t.rejects(answer, failure(/compresses its answers, unasked/), coding)
    t.equal(far.seen[0]?.headers['accept-encoding'], 'identity')
  }
})

t.test('an endless body is read up to the limit and no further', async (t) => {
  const closed: Promise<unknown>[] = []
  const far = await serveHttp(t, (_, response) => {
    closed.push(once(response, 'close'))
    pour(response)
  })
  const { body } = await originAt(t, far.origin).request(get(far.origin))
  await t.rejects(readWhole(body, 100_000), failure(/longer than 100000 bytes/))
  await Promise.all(closed)
})

t.test('a body that breaks off is no body', async (t) => {
  const far = await serveHttp(t, (request: IncomingMessage, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => request.socket.destroy())
  })
  const { body } = await originAt(t, far.origin).request(get(far.origin))
  await t.rejects(readWhole(body, 1000), failure(/broke off/))
})

t.test('nothing listens there: said in words', async (t) => {
  const far = await serveHttp(t, () => {})
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  await t.rejects(originAt(t, `http://127.0.0.1:${port}`).request(get(far.origin)), failure(/nothing listens there/))
})

t.test('an address that is not allowed is refused before anything is sent', async (t) => {
  const at =
    (address: string): Resolve =>
    async () => [{ address, family: 4 }]
  const name = 'https://mcp.example'
  for (const address of ['10.0.0.1', '127.0.0.1', '169.254.169.254']) {
    await t.rejects(originAt(t, name, {}, at(address)).request(get(name)), {
      code: 'AUTHORIZATION_ERROR',
      message: /not dialled/,
    })
  }
  // No name, so that no socket asks: 192.0.2.1 and fe80::1 would lead nowhere even if they were dialled.
  for (const url of ['https://192.0.2.1', 'https://[fe80::1]', 'https://[::ffff:10.0.0.1]', 'https://0x0a000001']) {
    await t.rejects(originAt(t, url).request(get(url)), { code: 'AUTHORIZATION_ERROR', message: /not dialled/ })
  }
})

t.test('a name in the own network is reached by leave only', async (t) => {
  const far = await serveHttp(t, (_, response) => response.end('in'))
  const url = `http://mcp.example:${far.port}`
  const here: Resolve = async () => [{ address: '127.0.0.1', family: 4 }]
  await t.rejects(originAt(t, url, {}, here).request(get(url)), { code: 'AUTHORIZATION_ERROR' })
  t.equal(await text((await originAt(t, url, { allowPrivate: true }, here).request(get(url))).body), 'in')
})

/** Writes `first`, then `again` for as long as somebody reads. */
async function serveRaw(t: Test, first: string, again?: string): Promise<number> {
  const server = createServer((socket) => {
    const write = (): void => {
      if (again !== undefined && socket.writable) socket.write(again.repeat(50), () => write())
    }
    socket.on('error', () => {})
    socket.once('data', () => socket.write(first, write))
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function pour(response: ServerResponse): void {
  if (response.writable && !response.destroyed) response.write('x'.repeat(65_536), () => pour(response))
}
