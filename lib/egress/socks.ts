/** SOCKS 5 (RFC 1928): CONNECT only, without authentication, names resolved here ("socks5h"). */
import { Buffer } from 'node:buffer'
import { createServer, type Server, type Socket } from 'node:net'
import { McpoError } from '../errors.ts'
import { parseHost } from '../policy/network/host-name.ts'
import type { Destination } from './destination.ts'
import type { Gate } from './gate.ts'

const version = 5
const noAuthentication = 0
const connectCommand = 1
const reply = {
  succeeded: 0,
  failure: 1,
  notAllowed: 2,
  unreachable: 4,
  commandNotSupported: 7,
  addressNotSupported: 8,
}
const greetingMs = 30_000

/** Not listening yet. */
export function socksProxy(gate: Gate): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (client) => void serve(gate, client))
}

async function serve(gate: Gate, client: Socket): Promise<void> {
  client.on('error', () => client.destroy())
  // As a whole: whoever says a byte now and then is no further.
  const late = setTimeout(() => client.destroy(), greetingMs)
  const bytes = new Bytes(client)
  try {
    await greet(client, bytes)
    const destination = await readRequest(client, bytes)
    clearTimeout(late)
    if (destination === null) {
      gate.refuse('SOCKS', 'socks', 'it names no host and port that one could read in one way only')
      return void client.end()
    }
    const upstream = await open(gate, client, destination)
    client.write(answer(reply.succeeded))
    await gate.join(client, upstream, destination, 'socks', bytes.rest())
  } catch {
    client.destroy()
  } finally {
    clearTimeout(late)
  }
}

async function greet(client: Socket, bytes: Bytes): Promise<void> {
  const [greeted, count = 0] = await bytes.take(2)
  const methods = await bytes.take(count)
  const isFit = greeted === version && methods.includes(noAuthentication)
  client.write(Buffer.from([version, isFit ? noAuthentication : 0xff]))
  if (!isFit) throw new RangeError('no common method')
}

/** `null`: answered already. */
async function readRequest(client: Socket, bytes: Bytes): Promise<Destination | null> {
  const [, command, , kind = 0] = await bytes.take(4)
  const written = await readHost(kind, bytes)
  const port = (await bytes.take(2)).readUInt16BE(0)
  const host = written === null ? null : parseHost(written)
  if (command === connectCommand && host !== null && port !== 0) return { host, port }
  client.write(answer(command === connectCommand ? reply.addressNotSupported : reply.commandNotSupported))
  return null
}

async function readHost(kind: number, bytes: Bytes): Promise<string | null> {
  switch (kind) {
    case 1:
      return [...(await bytes.take(4))].join('.')
    case 3: {
      const [length = 0] = await bytes.take(1)
      return (await bytes.take(length)).toString('latin1')
    }
    case 4: {
      const groups = (await bytes.take(16)).toString('hex').match(/.{4}/g) ?? []
      return groups.join(':')
    }
    default:
      return null
  }
}

async function open(gate: Gate, client: Socket, destination: Destination): Promise<Socket> {
  try {
    return await gate.open(destination, 'socks')
  } catch (error) {
    const isRefused = error instanceof McpoError && error.code === 'AUTHORIZATION_ERROR'
    client.end(answer(isRefused ? reply.notAllowed : reply.unreachable))
    throw error
  }
}

/** The bound address is nobody's business. */
function answer(code: number): Buffer {
  return Buffer.from([version, code, 0, 1, 0, 0, 0, 0, 0, 0])
}

/** Takes so many bytes of a socket at a time. */
class Bytes {
  readonly #socket: Socket
  #kept: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Rejects when the socket ends before. */
  async take(count: number): Promise<Buffer> {
    while (this.#kept.length < count) await this.#more()
    const taken = this.#kept.subarray(0, count)
    this.#kept = this.#kept.subarray(count)
    return taken
  }

  rest(): Buffer {
    return this.#kept
  }

  #more(): Promise<void> {
    const socket = this.#socket
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        socket.off('readable', read)
        socket.off('end', fail)
        socket.off('close', fail)
        then()
      }
      const read = (): void => {
        const chunk: Buffer | null = socket.read()
        if (chunk === null) return
        this.#kept = Buffer.concat([this.#kept, chunk])
        settle(resolve)
      }
      const fail = (): void => settle(() => reject(new RangeError('the client has ended')))
      socket.on('readable', read)
      socket.once('end', fail)
      socket.once('close', fail)
      read()
    })
  }
}
