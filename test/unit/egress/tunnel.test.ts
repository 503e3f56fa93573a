import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { Meter } from '../../../lib/egress/meter.ts'
import { tunnel } from '../../../lib/egress/tunnel.ts'

/** Two ends of one connection; `near` is the tunnel's. */
async function pair(t: Test): Promise<{ near: Socket; far: Socket }> {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const far = connect({ port: (listener.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [near] = (await once(listener, 'connection')) as [Socket]
  listener.close()
  t.teardown(() => far.destroy())
  return { near, far }
}

const open = (): Meter => new Meter(null, () => {})

t.test('both directions pass, each ends by itself, and the bytes are counted', async (t) => {
  const [client, server] = [await pair(t), await pair(t)]
  const meter = open()
  const ended = tunnel(client.near, server.near, { meter, head: Buffer.from('he'), accepts: null })
  client.far.end('llo')
  let heard = ''
  // Reading it by `text` would close it.
  server.far.on('data', (chunk) => {
    heard += chunk
  })
  await once(server.far, 'end')
  t.equal(heard, 'hello')
  server.far.end('x'.repeat(1_000_000))
  t.equal((await text(client.far)).length, 1_000_000)
  await ended
  t.strictSame(meter.traffic, { uploadBytes: 5, downloadBytes: 1_000_000 })
})

t.test('a client that has gone before takes the other side along', async (t) => {
  const [client, server] = [await pair(t), await pair(t)]
  client.near.destroy()
  await once(client.near, 'close')
  await tunnel(client.near, server.near, { meter: open(), accepts: null })
  t.ok(server.near.destroyed)
})

t.test('a side that breaks cuts the other', async (t) => {
  const [client, server] = [await pair(t), await pair(t)]
  const ended = tunnel(client.near, server.near, { meter: open(), accepts: null })
  server.far.resetAndDestroy()
  await ended
  t.ok(client.near.destroyed)
})

t.test('what may not pass reaches nobody', async (t) => {
  const [client, server] = [await pair(t), await pair(t)]
  const ended = tunnel(client.near, server.near, { meter: open(), accepts: () => false })
  client.far.write('hello')
  t.equal(await text(server.far), '')
  await ended
})
