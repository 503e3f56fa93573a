/** HTTP proxy for programs that are told of one: CONNECT (RFC 9110 §9.3.6), and plain requests in absolute form (RFC 9112 §3.2.2). */
import type { Buffer } from 'node:buffer'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { McpoError } from '../errors.ts'
import { parseHost } from '../policy/network/host-name.ts'
import type { Destination } from './destination.ts'
import type { Gate } from './gate.ts'
import { idleMs } from './tunnel.ts'

const maxHeaderBytes = 32 * 1024
const headersMs = 30_000
const keepAliveMs = 30_000
const established = 'HTTP/1.1 200 Connection established\r\n\r\n'

/** Between two neighbours (RFC 9110 §7.6.1), and what is for a proxy alone. */
const hopByHop = [
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'host'],
]

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
    const upstream = await gate.open(target, 'http')
    relay(gate, incoming, outgoing, target, upstream)
  } catch (error) {
    refuse(outgoing, statusOf(error)[0])
  }
}

interface Target extends Destination {
  readonly authority: string
  readonly path: string
}

function relay(
  gate: Gate,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { authority, path }: Target,
  upstream: Socket,
): void {
  const method = incoming.method ?? 'GET'
  const headers = [...passedOn(incoming.rawHeaders), 'Host', authority, 'Connection', 'close']
  const sent = request({ createConnection: () => upstream, method, path, headers, setHost: false })
  const count = gate.meter.count(upstream)
  upstream.setTimeout(idleMs, () => upstream.destroy())
  sent.on('response', (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, passedOn(response.rawHeaders))
    pipeline(response, outgoing, () => upstream.destroy())
    response.on('data', count)
  })
  sent.on('error', () => (outgoing.headersSent ? outgoing.destroy() : refuse(outgoing, 502)))
  outgoing.once('close', () => upstream.destroy())
  pipeline(incoming, sent, count)
  incoming.on('data', count)
}

/** `http://host:port/path`. A second Host says something else, and so do credentials. */
function parseTarget(incoming: IncomingMessage): Target | null {
  const hosts = incoming.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  const [, authority = '', path = ''] = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(incoming.url ?? '') ?? []
  const destination = authority === '' || hosts.length > 1 ? null : parseAuthority(authority, 80)
  if (destination === null) return null
  return { ...destination, authority, path: path.startsWith('/') ? path : `/${path}` }
}

/** `host:port`, in which the port may be left out where there is a usual one. */
function parseAuthority(authority: string, usualPort?: number): Destination | null {
  const [, written = '', digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? []
  const port = digits === undefined ? (usualPort ?? 0) : Number(digits)
  const host = parseHost(written)
  return host === null || port < 1 || port > 65_535 ? null : { host, port }
}

/** Names and values in turn, without those that are for a neighbour only. */
function passedOn(rawHeaders: readonly string[]): string[] {
  const dropped = new Set(hopByHop)
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'connection') continue
    for (const name of rawHeaders[index + 1]?.split(',') ?? []) dropped.add(name.trim().toLowerCase())
  }
  return rawHeaders.filter((_, index) => !dropped.has(rawHeaders[index - (index % 2)]?.toLowerCase() ?? ''))
}

function statusOf(error: unknown): [number, string] {
  const code = error instanceof McpoError ? error.code : ''
  if (code === 'AUTHORIZATION_ERROR') return [403, 'Forbidden']
  return code === 'TOO_MANY' ? [503, 'Service Unavailable'] : [502, 'Bad Gateway']
}

function answer(client: Socket, status: number, reason: string): void {
  client.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { connection: 'close', 'content-length': 0 }).end()
}
