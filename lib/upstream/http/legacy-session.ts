import { McpoError, toMcpoError } from '../../errors.ts'
import type { Message } from '../../protocol/model.ts'
import { type LegacyRevision, sessionRevision } from '../../protocol/revisions/index.ts'
import { refusedStatus } from './failures.ts'
import { follow } from './follow.ts'
import type { RemoteAnswer } from './origin.ts'
import type { Remote } from './remote.ts'
import { accepts } from './request-headers.ts'

const maxSessionIdBytes = 1024
const deleteTimeoutMs = 5000
const maxResultBytes = 1024 * 1024

/** A session of a legacy server with Streamable HTTP: from the answer to `initialize` on. */
export class LegacySession {
  private readonly remote: Remote
  private readonly headers: Record<string, string>
  readonly hasId: boolean
  /** What the server chose; the newest one when that is not known here. */
  readonly revision: LegacyRevision

  /** Throws a McpoError when the server names the session by what no header can carry. */
  constructor(remote: Remote, answer: RemoteAnswer, initialized: Message) {
    const id = answer.header('mcp-session-id')
    if (id !== undefined && (id.length > maxSessionIdBytes || !/^[\x21-\x7e]+$/.test(id))) {
      throw new McpoError('TRANSPORT_ERROR', 'The server names the session by what is no session id')
    }
    this.remote = remote
    const version = versionIn(initialized)
    this.hasId = id !== undefined
    this.revision = sessionRevision(version)
    this.headers = {
      'mcp-protocol-version': version,
      ...(id === undefined ? {} : { 'mcp-session-id': id }),
    }
  }

  /** Of each POST of the session. */
  get postHeaders(): Record<string, string> {
    return { ...accepts, ...this.headers }
  }

  /** A GET stream, anew or from behind an event. Null: the server has none. Rejects when it is refused. */
  async openStream(lastEventId: string, signal: AbortSignal): Promise<RemoteAnswer | null> {
    const headers = { accept: 'text/event-stream', ...this.headers }
    const answer = await this.remote.origin.request({
      method: 'GET',
      url: this.remote.url,
      headers: lastEventId === '' ? headers : { ...headers, 'last-event-id': lastEventId },
      body: null,
      signal,
      headersTimeoutMs: 0,
    })
    if (answer.status === 200 && answer.mediaType === 'text/event-stream') return answer
    answer.discard()
    // A server without such a stream says 405; one that says 200 or 404 to it means the same, when it knows no sessions.
    if (answer.status === 405 || answer.status < 300 || (answer.status === 404 && !this.hasId)) return null
    throw refusedStatus(this.remote.settings.name, answer.status)
  }

  /** Reads what the server says outside of calls, until the signal. A stream that cannot be had is told in the log. */
  async listen(onData: (data: readonly Buffer[]) => void, onLost: () => void, signal: AbortSignal): Promise<void> {
    try {
      await follow(null, {
        flow: this.remote.flow,
        maxEventBytes: this.remote.maxEventBytes,
        signal,
        onData,
        isDone: () => false,
        reopen: (lastEventId) => this.openStream(lastEventId, signal),
        resumable: 'always',
      })
    } catch (thrown) {
      const error = toMcpoError(thrown)
      if (error.data?.['status'] === 404 && this.hasId) onLost()
      else if (!signal.aborted) this.remote.warn(`its stream of notifications is given up: ${error.message}`)
    }
  }

  /** Tells the server that the session is over. Never rejects: nothing depends on it. */
  async end(): Promise<void> {
    if (!this.hasId) return
    try {
      const answer = await this.remote.origin.request({
        method: 'DELETE',
        url: this.remote.url,
        headers: this.headers,
        body: null,
        signal: AbortSignal.timeout(deleteTimeoutMs),
        headersTimeoutMs: deleteTimeoutMs,
      })
      answer.discard()
    } catch {
      // It may be gone, which is as good.
    }
  }
}

/** The revision that the server chose. */
function versionIn(initialized: Message): string {
  const span = initialized.span('result')
  if (span === null || span.end - span.start > maxResultBytes) throw unsaid()
  const { protocolVersion } = JSON.parse(initialized.raw('result') ?? '{}') as { protocolVersion?: unknown }
  if (typeof protocolVersion === 'string' && /^[A-Za-z0-9._-]{1,40}$/.test(protocolVersion)) return protocolVersion
  throw unsaid()
}

function unsaid(): McpoError {
  return new McpoError('TRANSPORT_ERROR', 'The server answered initialize without a protocol version')
}
