/** Two connected sockets become one connection, half-closes included. */
import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { type Hello, readHello } from './client-hello.ts'
import type { Meter } from './meter.ts'

export interface TunnelOptions {
  readonly meter: Meter
  /** What the client said before, and the other side has not heard. */
  readonly head?: Buffer | undefined
  /** Whether what the client begins with may pass; it says itself why not. `null`: it is not looked at. */
  readonly accepts: ((hello: Exclude<Hello, { kind: 'incomplete' }>) => boolean) | null
}

/** Nothing in either direction for so long, and the connection is cut. */
export const idleMs = 15 * 60_000
/** For a client that has begun a TLS connection to say which. */
const helloMs = 30_000

/** Settles when both are closed. Never rejects. */
export async function tunnel(client: Socket, server: Socket, options: TunnelOptions): Promise<void> {
  const { meter, head = Buffer.alloc(0), accepts } = options
  // What is left to write still is; one that has gone before this takes the other along.
  const closed = Promise.all([
    closeOf(client).then(() => server.destroySoon()),
    closeOf(server).then(() => client.destroySoon()),
  ])
  const cut = (): void => {
    client.destroy()
    server.destroy()
  }
  for (const socket of [client, server]) {
    socket.on('error', cut)
    socket.setTimeout(idleMs, cut)
  }
  const count = meter.count(server)
  server.pipe(client)
  server.on('data', count)
  const begun = accepts === null ? head : await firstFlight(client, head, accepts)
  if (begun === null) cut()
  else {
    if (begun.length > 0) server.write(begun)
    count()
    client.pipe(server)
    client.on('data', count)
  }
  await closed
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

/** What came until it is clear that it may pass; `null` when it may not, or did not come in time. */
function firstFlight(
  client: Socket,
  head: Buffer,
  accepts: NonNullable<TunnelOptions['accepts']>,
): Promise<Buffer | null> {
  return new Promise((resolve) => {
    let bytes = head
    const timer = setTimeout(() => settle(null), helloMs)
    const settle = (flight: Buffer | null): void => {
      clearTimeout(timer)
      client.off('data', take)
      client.off('end', onEnd)
      client.off('close', onClose)
      client.pause()
      resolve(flight)
    }
    let needs = 0
    const look = (): void => {
      if (bytes.length < needs) return
      const hello = readHello(bytes)
      if (hello.kind === 'incomplete') needs = hello.needs
      else settle(accepts(hello) ? bytes : null)
    }
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      look()
    }
    // Whoever ends in the middle of a greeting has not greeted.
    const onEnd = (): void => settle(bytes.length === 0 ? bytes : null)
    const onClose = (): void => settle(null)
    client.on('data', take)
    client.once('end', onEnd)
    client.once('close', onClose)
    look()
  })
}
