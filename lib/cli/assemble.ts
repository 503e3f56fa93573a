import { createAuthenticator } from '../auth/index.ts'
import type { Config } from '../config/model.ts'
import { Gateway } from '../gateway/gateway.ts'
import { BodyReader } from '../http/body.ts'
import { Cors } from '../http/cors.ts'
import { Door } from '../http/exchange.ts'
import { createGuard } from '../http/guard.ts'
import { KeepAlive } from '../http/keep-alive.ts'
import type { Transports } from '../http/routes.ts'
import { type HttpLimits, type HttpServer, listen } from '../http/server.ts'
import { SseTransport } from '../http/sse.ts'
import { Streamable } from '../http/streamable.ts'
import type { FrameCounters } from '../protocol/framer.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { Log, StartServer } from '../upstream/model.ts'
import { Upstreams } from '../upstream/upstreams.ts'
import { noVerdicts, type Verdicts } from '../upstream/verdicts/model.ts'

export interface Parts {
  readonly start: StartServer
  readonly scan: ScanChunk
  readonly log: Log
  /** Tests have less patience. */
  readonly httpLimits?: HttpLimits
  /** What is remembered of servers from earlier runs; nothing when left out. */
  readonly verdicts?: Verdicts
}

/** The gateway without a way in. */
export interface Core {
  readonly gateway: Gateway
  readonly upstreams: Upstreams
  /** How the frames of servers were found. */
  readonly counters: Readonly<FrameCounters>
}

export interface RunningGateway {
  readonly address: HttpServer['address']
  readonly counters: Core['counters']
  /** Stops accepting, lets what is in flight end for up to `graceMs`, then ends every server. */
  stop(graceMs: number): Promise<void>
}

/** Requests in flight towards one copy of a server. */
const maxCalls = 4096
/** Bodies that may be read at once, counted in largest messages. */
const bodiesAtOnce = 8
/** How long a client may take to read its last answer when the gateway ends. */
const lastAnswersMs = 1000

/** The gateway from its parts. No server is started yet. */
export function createCore({ server, servers }: Config, { start, scan, log, verdicts = noVerdicts }: Parts): Core {
  const { maxMessageBytes, maxSessions, sessionIdleMs } = server
  const counters = { native: 0, twin: 0, rejected: 0 }
  const limits = { maxMessageBytes, maxCalls }
  const upstreams = new Upstreams(servers, { start, scan, counters, log, limits, verdicts })
  return { gateway: new Gateway(upstreams, { maxSessions, idleMs: sessionIdleMs }, log), upstreams, counters }
}

/** The gateway over HTTP: listening first, then starting every server in the background. */
export async function assemble(config: Config, parts: Parts): Promise<RunningGateway> {
  const { gateway, upstreams, counters } = createCore(config, parts)
  const keepAlives = new KeepAlive()
  const transports = (port: number) => transportsOf(config, gateway, { ...parts, keepAlives, port })
  const http = await listen(config.server, transports, parts.httpLimits)
  upstreams.boot()
  return { address: http.address, counters, stop: (graceMs) => stopAll(http, gateway, keepAlives, graceMs) }
}

interface TransportParts extends Parts {
  readonly keepAlives: KeepAlive
  readonly port: number
}

function transportsOf({ server, auth }: Config, gateway: Gateway, parts: TransportParts): Transports {
  const { keepAlives, port, scan, log } = parts
  const { maxMessageBytes, maxSessions, sessionIdleMs, publicUrl } = server
  const guard = createGuard({ ...server, port, scheme: server.tls === null ? 'http' : 'https' })
  const cors = new Cors(server.allowedOrigins)
  const door = new Door({ gateway, guard, cors, authenticator: createAuthenticator(auth), log })
  const bodies = new BodyReader(maxMessageBytes, bodiesAtOnce * maxMessageBytes)
  const options = { gateway, door, bodies, keepAlives, scan }
  const pathPrefix = publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, '')
  const sse = new SseTransport({ ...options, log, maxClients: maxSessions, idleMs: sessionIdleMs, pathPrefix })
  return { door, streamable: new Streamable(options), sse }
}

/** Calls have their time, then every server ends and whoever still waits is told; only then are connections cut. */
async function stopAll(http: HttpServer, gateway: Gateway, keepAlives: KeepAlive, graceMs: number): Promise<void> {
  http.close()
  await gateway.drain(graceMs)
  await gateway.stop()
  await http.finish(lastAnswersMs)
  keepAlives.stop()
}
