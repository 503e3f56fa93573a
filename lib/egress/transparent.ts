/** For programs that know of no proxy: whoever connects to an address that stands for a name is connected to that name, and else to that address. */
import { createServer, type Server, type Socket } from 'node:net'
import { isLoopbackAddress } from '../policy/addresses.ts'
import { type EgressPolicy, isListedAddress } from '../policy/network/entry.ts'
import type { Destination } from './destination.ts'
import type { Gate } from './gate.ts'

/** Not listening yet. */
export function transparentProxy(gate: Gate, policy: EgressPolicy): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on('error', () => client.destroy())
    const destination = destinationOf(client)
    if (destination === null || isItself(destination, policy)) client.resetAndDestroy()
    else void serve(gate, destination, client)
  })
}

async function serve(gate: Gate, destination: Destination, client: Socket): Promise<void> {
  try {
    const upstream = await gate.open(destination, 'transparent')
    await gate.join(client, upstream, destination, 'transparent')
  } catch {
    // The nearest to "connection refused" that is left.
    client.resetAndDestroy()
  }
}

/** Its own loopback, where nothing of its own listens: no attempt to leave. */
function isItself({ host, port }: Destination, policy: EgressPolicy): boolean {
  return isLoopbackAddress(host.name) && !isListedAddress(policy, host.name, port)
}

function destinationOf({ localAddress, localPort: port }: Socket): Destination | null {
  if (localAddress === undefined || port === undefined) return null
  return { host: { kind: 'address', name: localAddress.replace(/^::ffff:/, '') }, port }
}
