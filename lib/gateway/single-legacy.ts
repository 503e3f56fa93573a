import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { revisionOf } from '../protocol/revisions/index.ts'
import { withoutTaskList } from '../protocol/tasks.ts'
import { edited, withId } from '../upstream/outgoing.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import { idOf } from './answers.ts'
import type { ClientCall } from './client-calls.ts'
import type { LegacyEndpoint } from './legacy.ts'
import type { Inbound } from './model.ts'
import { relay } from './relay.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { servesOthers } from './task-names.ts'

/** `/mcp/:server` for a legacy client: its own copy of the server, and every message as it came, but for its id. */
export class SingleLegacy implements LegacyEndpoint {
  private readonly server: UpstreamServer
  private readonly sessions: Sessions

  constructor(server: UpstreamServer, sessions: Sessions) {
    this.server = server
    this.sessions = sessions
  }

  async open(session: Session, { message, reply }: Inbound): Promise<void> {
    const answer = await session.link(this.server).openWith((id) => withId(message, String(id)))
    session.revision = revisionOf(versionIn(answer))
    if (answer.isError) void this.sessions.close(session)
    // Ids of others' tasks must not be listed, so the list is not offered either.
    const edits = servesOthers(this.server.settings) ? withoutTaskList(answer) : []
    reply.answer(withId(answer, idOf(message), edits), answer.isError ? {} : { sessionId: session.id })
  }

  /** Rejects with METHOD_NOT_FOUND what would tell one principal of another's tasks. */
  async request(session: Session, call: ClientCall): Promise<void> {
    if (call.request.text('method') === 'tasks/list' && servesOthers(this.server.settings))
      throw noTaskList(this.server.name)
    return relay(session, call, session.link(this.server))
  }

  notify(session: Session, notification: Message): void {
    const edits = session.taskNames(this.server.settings)?.relatedEdits(notification) ?? []
    session.link(this.server).live?.send(edited(notification, edits))
  }
}

function noTaskList(server: string): McpoError {
  return new McpoError(
    'METHOD_NOT_FOUND',
    `Server "${server}" does not know whose tasks are whose, so they are not listed`,
    {
      hint: 'Ask with tasks/get for each task that was made here.',
    },
  )
}

const maxResultBytes = 1024 * 1024

/** What the server agreed to speak. */
function versionIn(answer: Message): string | null {
  const span = answer.span('result')
  if (span === null || span.end - span.start > maxResultBytes) return null
  const result = JSON.parse(answer.raw('result') ?? 'null') as { protocolVersion?: unknown } | null
  return typeof result?.protocolVersion === 'string' ? result.protocolVersion : null
}
