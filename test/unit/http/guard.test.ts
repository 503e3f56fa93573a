import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { createGuard, type GuardOptions } from '../../../lib/http/guard.ts'

const options: GuardOptions = {
  host: '127.0.0.1',
  port: 3000,
  scheme: 'http',
  publicUrl: null,
  allowedHosts: [],
  allowedOrigins: [],
}

function check(
  overrides: Partial<GuardOptions>,
  headers: Record<string, string>,
  localAddress = '127.0.0.1',
  url = '/mcp',
): string {
  const request = { url, headers, rawHeaders: Object.entries(headers).flat(), socket: { localAddress } }
  try {
    createGuard({ ...options, ...overrides })(request as unknown as IncomingMessage)
    return 'passed'
  } catch (error) {
    return (error as { code: string }).code
  }
}

const own = 'localhost:3000'

t.test('loopback names with the port pass, any other Host does not', async (t) => {
  for (const host of ['localhost:3000', 'LOCALHOST:3000', '127.0.0.1:3000', '[::1]:3000'])
    t.equal(check({}, { host }), 'passed', host)
  for (const host of [
    'localhost',
    'localhost:3001',
    'evil.example:3000',
    '127.0.0.1.evil.example:3000',
    '10.0.0.1:3000',
    '',
  ]) {
    t.equal(check({}, { host }), 'AUTHORIZATION_ERROR', host)
  }
  t.equal(check({}, {}), 'AUTHORIZATION_ERROR')
})

t.test("the port may be left out where it is the scheme's own", async (t) => {
  t.equal(check({ port: 80 }, { host: 'localhost' }), 'passed')
  t.equal(check({ port: 443, scheme: 'https' }, { host: 'localhost' }), 'passed')
  t.equal(check({ port: 443 }, { host: 'localhost' }), 'AUTHORIZATION_ERROR')
})

t.test('allowed hosts, the public URL and the bound host pass', async (t) => {
  t.equal(check({ allowedHosts: ['a.example'] }, { host: 'a.example:9' }), 'passed')
  t.equal(check({ allowedHosts: ['a.example:9'] }, { host: 'a.example:9' }), 'passed')
  t.equal(check({ allowedHosts: ['a.example:9'] }, { host: 'a.example:8' }), 'AUTHORIZATION_ERROR')
  t.equal(check({ publicUrl: 'https://gate.example/x' }, { host: 'gate.example' }), 'passed')
  t.equal(check({ host: '192.0.2.7' }, { host: '192.0.2.7:3000' }), 'passed')
})

t.test('bound to every address, the address the request came in on passes, another does not', async (t) => {
  t.equal(check({ host: '0.0.0.0' }, { host: '192.0.2.7:3000' }, '192.0.2.7'), 'passed')
  t.equal(check({ host: '::' }, { host: '192.0.2.7:3000' }, '::ffff:192.0.2.7'), 'passed')
  t.equal(check({ host: '0.0.0.0' }, { host: '192.0.2.8:3000' }, '192.0.2.7'), 'AUTHORIZATION_ERROR')
  t.equal(check({}, { host: '192.0.2.7:3000' }, '192.0.2.7'), 'AUTHORIZATION_ERROR')
})

t.test('no Origin, our own loopback origin and allowed ones pass, every other does not', async (t) => {
  const allowedOrigins = ['https://page.example/']
  for (const origin of ['http://localhost:3000', 'https://page.example', 'HTTPS://page.example']) {
    t.equal(check({ allowedOrigins }, { host: own, origin }), 'passed', origin)
  }
  t.equal(check({ publicUrl: 'https://gate.example' }, { host: own, origin: 'https://gate.example' }), 'passed')
  for (const origin of ['null', '', 'http://localhost:3001', 'https://localhost:3000', 'http://evil.example']) {
    t.equal(check({ allowedOrigins }, { host: own, origin }), 'AUTHORIZATION_ERROR', origin)
  }
  const allowedHosts = ['a.example']
  t.equal(check({ allowedHosts }, { host: 'a.example', origin: 'http://a.example' }), 'AUTHORIZATION_ERROR')
})

t.test('a deciding header that comes twice is refused, another is not', async (t) => {
  const twice = (name: string) => {
    const request = {
      headers: { host: own },
      rawHeaders: ['Host', own, name, 'a', name.toUpperCase(), 'a'],
      socket: {},
    }
    return () => createGuard(options)(request as unknown as IncomingMessage)
  }
  for (const name of ['host', 'content-length', 'authorization', 'mcp-session-id'])
    t.throws(twice(name), { code: 'INVALID_REQUEST' })
  t.doesNotThrow(twice('x-forwarded-for'))
})

t.test('a target in absolute form says which host is meant, whatever the Host header says', async (t) => {
  t.equal(check({}, { host: 'evil.example' }, '127.0.0.1', `http://${own}/mcp`), 'passed')
  for (const url of ['http://evil.example/mcp', `HTTP://${own}@evil.example/`, 'http:///mcp', 'evil.example:80'])
    t.equal(check({}, { host: own }, '127.0.0.1', url), 'AUTHORIZATION_ERROR', url)
})

t.test('chunks are the one transfer coding there is', async (t) => {
  t.equal(check({}, { host: own, 'transfer-encoding': 'Chunked' }), 'passed')
  for (const coding of ['gzip, chunked', 'identity', 'x'])
    t.equal(check({}, { host: own, 'transfer-encoding': coding }), 'NOT_IMPLEMENTED', coding)
})
