import { McpoError } from '../errors.ts'
import { messagesOf } from '../protocol/batch.ts'
import type { Message } from '../protocol/model.ts'
import { isModernVersion, legacyVersions } from '../protocol/revisions/index.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import { errorFor } from './answers.ts'
import { BatchReply } from './batch-reply.ts'
import type { ClientCall } from './client-calls.ts'
import { ensureMessage } from './ensure-message.ts'
import type { Claims, Downstream, Inbound } from './model.ts'
import { paramsLine } from './params.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { CallTrack, Track } from './track.ts'

/** What an endpoint does for legacy clients: one server as it is, or all as one. */
export interface LegacyEndpoint {
  /** Answers `initialize`. The session is new, and is closed when this throws. */
  open(session: Session, inbound: Inbound): Promise<void>
  /** Answers a request, or throws a McpoError that does. */
  request(session: Session, call: ClientCall): Promise<void>
  notify(session: Session, notification: Message): void
}

/** Clients with sessions. */
export class Legacy {
  private readonly sessions: Sessions
  private readonly endpointOf: (name: string | null) => LegacyEndpoint

  constructor(sessions: Sessions, endpointOf: (name: string | null) => LegacyEndpoint) {
    this.sessions = sessions
    this.endpointOf = endpointOf
  }

  /** Throws a McpoError for what is refused before any server sees it. */
  async post(inbound: Inbound): Promise<void> {
    const { message } = inbound
    const endpoint = this.endpointOf(inbound.endpoint)
    if (message.kind === 'request' && message.text('method') === 'initialize') return this.initialize(endpoint, inbound)
    return this.receive(endpoint, this.find(inbound), inbound)
  }

  /** Several messages in one array: each is handled as if it came alone. Throws for what is refused as a whole. */
  async postAll(inbound: Inbound, scan: ScanChunk): Promise<void> {
    const session = this.find(inbound)
    if (session.revision?.hasArrays !== true) throw noArrays(session)
    const messages = messagesOf(inbound.message, scan)
    const endpoint = this.endpointOf(inbound.endpoint)
    const replies = new BatchReply(inbound.reply, messages.length)
    await Promise.all(
      messages.map((message) => this.receivePart(endpoint, session, { ...inbound, message, reply: replies.part() })),
    )
  }

  private async receive(endpoint: LegacyEndpoint, session: Session, inbound: Inbound): Promise<void> {
    const { message, reply } = inbound
    if (message.kind === 'request') return this.request(endpoint, session, inbound)
    if (message.kind === 'response') session.questions.answer(message)
    else this.notify(endpoint, session, message)
    reply.accept()
  }

  private async receivePart(endpoint: LegacyEndpoint, session: Session, part: Inbound): Promise<void> {
    const { message, reply } = part
    try {
      ensureMessage(message)
      if (message.text('method') === 'initialize') throw lateInitialize()
      await this.receive(endpoint, session, part)
    } catch (thrown) {
      reply.answer(errorFor(message, thrown))
    }
  }

  /** The session that the headers name. Throws INVALID_REQUEST or NOT_FOUND. */
  find({ principal, endpoint, claims }: Pick<Inbound, 'principal' | 'endpoint' | 'claims'>): Session {
    ensureKnownVersion(claims)
    if (claims.sessionId === undefined) {
      throw new McpoError('INVALID_REQUEST', 'The header Mcp-Session-Id is missing', { hint: 'Start with initialize.' })
    }
    return this.sessions.get(claims.sessionId, principal, endpoint)
  }

  /** A GET: the session's own stream, or what is left of the one that the client lost. `open` makes the response a stream. */
  listen(request: Pick<Inbound, 'principal' | 'endpoint' | 'claims'>, open: () => Downstream): void {
    const session = this.find(request)
    const { lastEventId } = request.claims
    if (lastEventId === undefined) listen(session, open())
    else resume(session, lastEventId, open)
  }

  private async initialize(endpoint: LegacyEndpoint, inbound: Inbound): Promise<void> {
    const session = this.sessions.create(inbound.principal, inbound.endpoint, paramsLine(inbound.message))
    session.watch(inbound.reply)
    try {
      await endpoint.open(session, inbound)
      this.sessions.opened(session)
    } catch (thrown) {
      void this.sessions.close(session)
      throw thrown
    }
  }

  private async request(endpoint: LegacyEndpoint, session: Session, { message, reply }: Inbound): Promise<void> {
    const track = reply.prime === undefined ? reply : new CallTrack(session.replay, message, reply)
    const call = session.calls.begin(message, track)
    session.watch(track)
    if (track instanceof CallTrack && primes(session)) track.primeSoon()
    try {
      await endpoint.request(session, call)
    } catch (thrown) {
      if (session.calls.finish(call)) track.answer(errorFor(message, thrown))
    }
  }

  private notify(endpoint: LegacyEndpoint, session: Session, notification: Message): void {
    const method = notification.text('method')
    if (method === 'notifications/cancelled') session.calls.cancel(notification)
    else if (method === 'notifications/progress') session.questions.progress(notification)
    else endpoint.notify(session, notification)
  }
}

function listen(session: Session, way: Downstream): void {
  const stream = way.prime === undefined ? way : new Track(session.replay, way)
  session.watch(stream)
  if (stream instanceof Track) session.replay.listen(stream)
  if (stream instanceof Track && primes(session)) stream.prime()
  session.downlink.attach(stream)
}

function resume(session: Session, lastEventId: string, open: () => Downstream): void {
  const { track, position } = session.replay.find(lastEventId)
  track.resume(open(), position)
  if (!(track instanceof CallTrack) && track.open) session.downlink.attach(track)
}

/** A client of a revision without them may not expect an event that has no data. */
function primes({ revision }: Session): boolean {
  return revision?.http.hasEmptyEvents === true
}

function noArrays({ revision }: Session): McpoError {
  const which = revision === null ? 'this revision' : `the revision ${revision.version}`
  return new McpoError('INVALID_REQUEST', `A session of ${which} has no JSON-RPC arrays`, {
    hint: 'Send each message on its own.',
  })
}

function lateInitialize(): McpoError {
  return new McpoError('INVALID_REQUEST', 'initialize cannot be part of an array')
}

/** The session knows its revision, so that the header may be absent; one that names what has no sessions is refused. */
function ensureKnownVersion({ protocolVersion }: Claims): void {
  if (protocolVersion === undefined || legacyVersions.includes(protocolVersion)) return
  const code = isModernVersion(protocolVersion) ? 'UNSUPPORTED_PROTOCOL' : 'INVALID_REQUEST'
  throw new McpoError(code, `The revision ${JSON.stringify(protocolVersion.slice(0, 40))} has no sessions here`, {
    data: { supported: legacyVersions, requested: protocolVersion.slice(0, 40) },
  })
}
