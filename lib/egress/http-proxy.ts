/** HTTP proxy for programs that are told of one: CONNECT (RFC 9110 §9.3.6), and plain requests in absolute form (RFC 9112 §3.2.2). */
import type { Buffer } from 'node:buffer'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { McpoError } from '../errors.ts'
import { destinationInWords } from '../policy/network/entry.ts'
import { parseHost } from '../policy/network/host-name.ts'
import type { Destination } from './destination.ts'
import type { Gate } from './gate.ts'
import { refuse, relay, type Target } from './http-relay.ts'

const maxHeaderBytes = 32 * 1024
const headersMs = 30_000
const keepAliveMs = 30_000
const established = 'HTTP/1.1 200 Connection established\r\n\r\n'

/** Not listening yet. */
export function httpProxy(gate: Gate): Server {
  const options = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersMs,
    keepAliveTimeout: keepAliveMs,
    // A download may take hours; what is idle is cut by whoever relays it.
    requestTimeout: 0,
    requireHostHeader: false,
    insecureHTTPParser: false,
  }
  const server = createServer(options, (incoming, outgoing) => void forward(gate, incoming, outgoing))
  // The head as a whole is bounded; a header that were left out might be the one that says how long the body is.
  server.maxHeadersCount = 0
  server.on(
    'connect',
    (incoming: IncomingMessage, socket: Socket, head: Buffer) => void connectTo(gate, incoming, socket, head),
  )
  return server
}

async function connectTo(gate: Gate, { url = '' }: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
  client.on('error', () => client.destroy())
  const destination = parseAuthority(url)
  if (destination === null) {
    gate.refuse('CONNECT', 'connect', 'it names no host and port that one could read in one way only')
    return answer(client, 400, 'Bad Request')
  }
  try {
    const upstream = await gate.open(destination, 'connect')
    client.write(established)
    await gate.join(client, upstream, destination, 'connect', head)
  } catch (error) {
    const [status, reason] = statusOf(error)
    answer(client, status, reason)
  }
}

async function forward(gate: Gate, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const target = parseTarget(incoming)
  if (target === null) {
    gate.refuse('request', 'http', 'it is not in the form of a request to a proxy')
    return refuse(outgoing, 400)
  }
  try {
    relay(gate.meter, incoming, outgoing, target, await gate.open(target, 'http'))
  } catch (error) {
    refuse(outgoing, statusOf(error)[0])
  }
}

/** `http://host:port/path`. A second Host says something else, and so do credentials. */
function parseTarget(incoming: IncomingMessage): Target | null {
  const hosts = incoming.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  const [, authority = '', path = ''] = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(incoming.url ?? '') ?? []
  const destination = authority === '' || hosts.length > 1 ? null : parseAuthority(authority, 80)
  if (destination === null) return null
  const { host, port } = destination
  // What was judged, in its one spelling: the next reader might take another one for another host.
  const judged = destinationInWords(host, port).replace(/:80$/, '')
  return { ...destination, authority: judged, path: path.startsWith('/') ? path : `/${path}` }
}

/** `host:port`, in which the port may be left out where there is a usual one. */
function parseAuthority(authority: string, usualPort?: number): Destination | null {
  const [, written = '', digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? []
  const port = digits === undefined ? (usualPort ?? 0) : Number(digits)
  const host = parseHost(written)
  return host === null || port < 1 || port > 65_535 ? null : { host, port }
}

function statusOf(error: unknown): [number, string] {
  const code = error instanceof McpoError ? error.code : ''
  if (code === 'AUTHORIZATION_ERROR') return [403, 'Forbidden']
  return code === 'TOO_MANY' ? [503, 'Service Unavailable'] : [502, 'Bad Gateway']
}

function answer(client: Socket, status: number, reason: string): void {
  client.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
