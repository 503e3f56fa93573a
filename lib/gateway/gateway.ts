import type { Principal } from '../auth/model.ts'
import { McpoError } from '../errors.ts'
import { isModernVersion } from '../protocol/revisions/index.ts'
import type { Log } from '../upstream/model.ts'
import type { Upstreams } from '../upstream/upstreams.ts'
import { Aggregate } from './aggregate.ts'
import { AggregateLegacy } from './aggregate-legacy.ts'
import { Catalog } from './catalog.ts'
import { ensureMessage } from './ensure-message.ts'
import { eraOf } from './era.ts'
import { Legacy } from './legacy.ts'
import type { Claims, Downstream, Inbound } from './model.ts'
import { Modern } from './modern.ts'
import { type SessionLimits, Sessions } from './sessions.ts'
import { SingleLegacy } from './single-legacy.ts'

/** Who asks for what, without a body: GET and DELETE. */
export interface SessionRequest {
  readonly endpoint: string | null
  readonly principal: Principal
  readonly claims: Claims
}

const drainStepMs = 20

/** Everything behind the HTTP side: takes messages of clients and brings them where they belong. */
export class Gateway {
  private readonly upstreams: Upstreams
  private readonly sessions: Sessions
  private readonly legacy: Legacy
  private readonly modern: Modern

  constructor(upstreams: Upstreams, limits: SessionLimits, log: Log) {
    this.upstreams = upstreams
    this.sessions = new Sessions(limits)
    const catalog = new Catalog(upstreams)
    const aggregate = new Aggregate(catalog, log)
    const all = new AggregateLegacy(aggregate, catalog)
    this.legacy = new Legacy(this.sessions, (name) =>
      name === null ? all : new SingleLegacy(upstreams.get(name), this.sessions),
    )
    this.modern = new Modern(catalog, aggregate)
  }

  /** Throws SERVER_NOT_FOUND for an endpoint that does not exist. */
  ensureEndpoint(endpoint: string | null): void {
    if (endpoint !== null) this.upstreams.get(endpoint)
  }

  /** Rejects with a McpoError for what is refused before any server sees it; everything else is answered on `inbound.reply`. */
  async post(inbound: Inbound): Promise<void> {
    const { message, claims } = inbound
    if (message.kind === 'batch' && claims.sessionId !== undefined && !isModern(claims)) {
      return this.legacy.postAll(inbound, this.upstreams.scan)
    }
    ensureMessage(message)
    return eraOf(message, claims) === 'modern' ? this.modern.post(inbound) : this.legacy.post(inbound)
  }

  /** A GET: `open` makes the response a stream once the session is found. */
  listen(request: SessionRequest, open: () => Downstream): void {
    ensureLegacy(request.claims)
    this.legacy.listen(request, open)
  }

  /** A DELETE: ends the session. Settles when its copies of the servers are gone. */
  async close(request: SessionRequest): Promise<void> {
    ensureLegacy(request.claims)
    await this.sessions.close(this.legacy.find(request))
  }

  /**
   * Settles when no server has a call in flight any more, or after `graceMs`. Calls that wait for their clients to come back
   * with answers are ended at once.
   */
  async drain(graceMs: number): Promise<void> {
    this.modern.close()
    const deadline = performance.now() + graceMs
    while (this.upstreams.callsInFlight > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, drainStepMs))
    }
  }

  /** Ends every session and every server. */
  async stop(): Promise<void> {
    await this.sessions.stop()
    await this.upstreams.stop()
  }
}

function ensureLegacy(claims: Claims): void {
  if (!isModern(claims)) return
  throw new McpoError('METHOD_NOT_ALLOWED', `The revision ${claims.protocolVersion?.slice(0, 40)} has POST only`)
}

function isModern({ protocolVersion }: Claims): boolean {
  return protocolVersion !== undefined && isModernVersion(protocolVersion)
}
