import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ServerSettings } from '../config/model.ts'
import { McpoError } from '../errors.ts'
import { type Handler, routesOf, type Transports } from './routes.ts'

/** How long a client may take to send what it began, in milliseconds. */
export interface HttpLimits {
  readonly headersMs: number
  /** Headers and body; also bounds those who send a byte now and then. */
  readonly requestMs: number
  /** From a connection to its first encrypted byte. */
  readonly handshakeMs: number
  /** A limit is noticed by so much too late. */
  readonly checkEveryMs: number
}

/** Whatever is half-sent is over within 30 s. */
export const httpLimits: HttpLimits = {
  headersMs: 15_000,
  requestMs: 25_000,
  handshakeMs: 15_000,
  checkEveryMs: 2000,
}

/** Longer than the idle time of the usual load balancers, so that it is never us who closes under a request on its way. */
const keepAliveMs = 75_000
const maxHeaderBytes = 16 * 1024
const maxConnectionsBeyondSessions = 1024

export interface HttpServer {
  readonly address: AddressInfo
  /** Takes no connection more, and closes the idle ones. */
  close(): void
  /** After `close`: lets responses that are being written leave for up to `graceMs`, then closes every connection. */
  finish(graceMs: number): Promise<void>
}

/** Listens. Rejects with a clear McpoError when the address cannot be had. `serve` is given the real port first. */
export async function listen(
  settings: ServerSettings,
  serve: (port: number) => Transports,
  limits: HttpLimits = httpLimits,
): Promise<HttpServer> {
  let route = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end()
  const server = createHttp(settings, limits, (request, response) => route(request, response))
  bound(server, settings)
  const address = await bind(server, settings)
  route = routesOf(serve(address.port))
  const closed = new Promise<void>((resolve) => server.once('close', resolve))
  return { address, close: () => void server.close(), finish: (graceMs) => finish(server, closed, graceMs) }
}

function createHttp({ tls }: ServerSettings, limits: HttpLimits, handler: Handler): Server {
  const options: ServerOptions = {
    keepAliveTimeout: keepAliveMs,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: maxHeaderBytes,
    // Names of headers have to be unique where it matters, which the guard sees to; the rest is joined.
    joinDuplicateHeaders: true,
  }
  if (tls === null) return createServer(options, handler)
  const certificate = { cert: read(tls.certPath), key: read(tls.keyPath) }
  return createTlsServer({ ...options, ...certificate, handshakeTimeout: limits.handshakeMs }, handler)
}

function bound(server: Server, { maxSessions }: ServerSettings): void {
  server.maxConnections = 2 * maxSessions + maxConnectionsBeyondSessions
  // Who holds a connection without using it makes room for who is turned away.
  server.on('drop', () => server.closeIdleConnections())
  // Their bytes are bounded; those beyond a count would be left out without a word, unseen by the guard.
  server.maxHeadersCount = 0
  server.on('connect', (_, socket) => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nAllow: \r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
}

function bind(server: Server, { host, port }: ServerSettings): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(error, host, port)))
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo))
  })
}

function bindError(error: NodeJS.ErrnoException, host: string, port: number): McpoError {
  const reasons: Record<string, [string, string]> = {
    EADDRINUSE: ['another program listens there', 'End it, or choose another port with --port or in [server].'],
    EACCES: ['this user may not use that port', 'Choose a port from 1024 on.'],
    EADDRNOTAVAIL: ['this machine has no such address', 'Choose another host with --host or in [server].'],
  }
  const [reason, hint] = reasons[error.code ?? ''] ?? [error.message, 'Check host and port of [server].']
  return new McpoError('IO_ERROR', `Cannot listen on ${host} port ${port}: ${reason}`, { hint, cause: error })
}

async function finish(server: Server, closed: Promise<void>, graceMs: number): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new McpoError('IO_ERROR', `Cannot read ${path}`, { hint: 'Check cert_path and key_path of [server].', cause })
  }
}
