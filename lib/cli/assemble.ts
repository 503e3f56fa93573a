import { createAuthenticator } from '../auth/index.ts'
import type { Config } from '../config/model.ts'
import { Gateway } from '../gateway/gateway.ts'
import { BodyReader } from '../http/body.ts'
import { createGuard } from '../http/guard.ts'
import { KeepAlive } from '../http/keep-alive.ts'
import { type HttpServer, listen } from '../http/server.ts'
import { Streamable } from '../http/streamable.ts'
import type { FrameCounters } from '../protocol/framer.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { Log, StartServer } from '../upstream/model.ts'
import { Upstreams } from '../upstream/upstreams.ts'

export interface Parts {
  readonly start: StartServer
  readonly scan: ScanChunk
  readonly log: Log
}

export interface RunningGateway {
  readonly address: HttpServer['address']
  /** How the frames of servers were found. */
  readonly counters: Readonly<FrameCounters>
  /** Stops accepting, lets what is in flight end for up to `graceMs`, then ends every server. */
  stop(graceMs: number): Promise<void>
}

/** Requests in flight towards one copy of a server. */
const maxCalls = 4096
/** Bodies that may be read at once, counted in largest messages. */
const bodiesAtOnce = 8
/** How long a client may take to read its last answer when the gateway ends. */
const lastAnswersMs = 1000

/** The gateway from its parts: listening first, then starting every server in the background. */
export async function assemble(config: Config, { start, scan, log }: Parts): Promise<RunningGateway> {
  const { server } = config
  const { maxMessageBytes } = server
  const counters = { native: 0, twin: 0, rejected: 0 }
  const upstreams = new Upstreams(config.servers, { start, scan, counters, log, limits: { maxMessageBytes, maxCalls } })
  const gateway = new Gateway(upstreams, { maxSessions: server.maxSessions, idleMs: server.sessionIdleMs }, log)
  const keepAlives = new KeepAlive()
  const serve = (port: number) =>
    new Streamable({
      gateway,
      guard: createGuard({ ...server, port, scheme: server.tls === null ? 'http' : 'https' }),
      authenticator: createAuthenticator(config.auth),
      bodies: new BodyReader(maxMessageBytes, bodiesAtOnce * maxMessageBytes),
      keepAlives,
      scan,
      log,
    })
  const http = await listen(server, serve)
  upstreams.boot()
  return { address: http.address, counters, stop: (graceMs) => stopAll(http, gateway, keepAlives, graceMs) }
}

/** Calls have their time, then every server ends and whoever still waits is told; only then are connections cut. */
async function stopAll(http: HttpServer, gateway: Gateway, keepAlives: KeepAlive, graceMs: number): Promise<void> {
  http.close()
  await gateway.drain(graceMs)
  await gateway.stop()
  await http.finish(lastAnswersMs)
  keepAlives.stop()
}
