import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import t from 'tap'
import { guardedAddresses, guardedLookup, type HostAddress, type Resolve } from '../../../lib/egress/address-guard.ts'
import { remoteAddresses } from '../../../lib/upstream/http/remote-addresses.ts'
import { withoutRoute } from '../../support/without-route.ts'

withoutRoute(import.meta.filename)

/** Nothing is asked for outside of this process: a name is at what the test says. */
function at(...addresses: string[]): Resolve {
  return async () => addresses.map((address): HostAddress => ({ address, family: address.includes(':') ? 6 : 4 }))
}

const publicOnly = remoteAddresses('mcp.example', false)
const own = remoteAddresses('mcp.example', true)

t.test('a name may be at public addresses', async (t) => {
  t.strictSame(await guardedAddresses('mcp.example', publicOnly, at('1.1.1.1', '2606:4700::1111')), [
    { address: '1.1.1.1', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ])
})

for (const address of [
  '10.0.0.1',
  '127.0.0.1',
  '::1',
  '::ffff:127.0.0.1',
  '192.168.1.1',
  'fc00::1',
  '64:ff9b::a00:1',
]) {
  t.test(`a name at ${address} is not dialled, unless allow_private is written`, async (t) => {
    await t.rejects(guardedAddresses('mcp.example', publicOnly, at(address)), {
      code: 'AUTHORIZATION_ERROR',
      message: `mcp.example is at ${address}, which is a`,
      hint: /allow_private = true/,
    })
    t.match(await guardedAddresses('mcp.example', own, at(address)), [{ address }])
  })
}

for (const address of [
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '169.254.1.1',
  'fe80::1',
  '224.0.0.1',
  '0.0.0.0',
  '::',
  '240.0.0.1',
]) {
  t.test(`a name at ${address} is not dialled at all`, async (t) => {
    for (const allowed of [publicOnly, own, remoteAddresses('localhost', true)]) {
      await t.rejects(guardedAddresses('mcp.example', allowed, at(address)), {
        code: 'AUTHORIZATION_ERROR',
        hint: /No setting allows/,
      })
    }
  })
}

t.test('one address that is not allowed refuses the name', async (t) => {
  await t.rejects(guardedAddresses('mcp.example', publicOnly, at('1.1.1.1', '10.0.0.1')), {
    code: 'AUTHORIZATION_ERROR',
  })
})

t.test('an address that is the host itself is checked the same, and nothing is resolved', async (t) => {
  const never: Resolve = () => Promise.reject(new Error('resolved'))
  await t.rejects(guardedAddresses('10.0.0.1', publicOnly, never), {
    message: '10.0.0.1 is a private address: not dialled',
  })
  await t.rejects(guardedAddresses('[::ffff:7f00:1]', publicOnly, never), { code: 'AUTHORIZATION_ERROR' })
  t.match(await guardedAddresses('[2606:4700::1111]', publicOnly, never), [{ address: '2606:4700::1111', family: 6 }])
})

t.test('a host that says by its spelling that it is this machine is nothing else', async (t) => {
  for (const host of ['localhost', 'a.localhost']) {
    const allowed = remoteAddresses(host, false)
    t.match(await guardedAddresses(host, allowed, at('127.0.0.1')), [{ address: '127.0.0.1' }])
    await t.rejects(guardedAddresses(host, allowed, at('1.1.1.1')), { code: 'AUTHORIZATION_ERROR' })
  }
})

t.test('a name without an address is not found', async (t) => {
  await t.rejects(guardedAddresses('mcp.example', publicOnly, at()), {
    code: 'TRANSPORT_ERROR',
    message: /has no address/,
  })
})

t.test('a socket dials the address that was checked, and asks once for it', async (t) => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  let asked = 0
  const changing: Resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: 'mcp.example', port, lookup: guardedLookup(own, changing) })
  await once(socket, 'connect')
  t.equal(socket.remoteAddress, '127.0.0.1')
  t.equal(asked, 1)
  socket.destroy()
})

t.test('a socket does not connect to what is refused', async (t) => {
  const socket = connect({ host: 'mcp.example', port: 9, lookup: guardedLookup(publicOnly, at('10.0.0.1')) })
  const [error] = await once(socket, 'error')
  t.match(error, { code: 'AUTHORIZATION_ERROR' })
})
