import type { Edit } from '../protocol/message.ts'
import type { CallListener } from '../upstream/model.ts'
import { edited, withId } from '../upstream/outgoing.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import { errorFor, idOf } from './answers.ts'
import type { ClientCall } from './client-calls.ts'
import type { Link } from './link.ts'
import type { Session } from './session.ts'

/**
 * Sends a legacy client's request to its own copy of a server, under another id, and its answer back under the client's.
 * Everything else stays as it came, save `edits`. A client that disconnects does not cancel its call (that is so in this era).
 */
export async function relay(
  session: Session,
  call: ClientCall,
  link: Link,
  edits: readonly Edit[] = [],
): Promise<void> {
  try {
    const copy = await link.open()
    if (session.calls.isOpen(call)) send(session, call, link, copy, edits)
  } catch (thrown) {
    if (session.calls.finish(call)) call.reply.answer(errorFor(call.request, thrown))
  }
}

function send(session: Session, call: ClientCall, link: Link, copy: ServerCopy, edits: readonly Edit[]): void {
  const { request, reply } = call
  const token = request.raw('params._meta.progressToken')
  const id = copy.request({
    write: (id) => withId(request, String(id), edits),
    token: token === null ? null : () => token,
    timeoutMs: link.server.settings.requestTimeoutMs,
    listener: listenerOf(session, call),
  })
  call.sent = { copy, id }
  const carrier = { server: link.server.name, copy, call: id, stream: reply, touch: () => copy.touch(id) }
  session.downlink.carry(carrier)
  call.onOver = () => session.downlink.drop(carrier)
}

function listenerOf(session: Session, call: ClientCall): CallListener {
  const { request, reply } = call
  return {
    onAnswer(answer) {
      if (session.calls.finish(call)) reply.answer(withId(answer, idOf(request)))
    },
    onFailure(error) {
      if (session.calls.finish(call)) reply.answer(errorFor(request, error))
    },
    onProgress(progress) {
      reply.send(edited(progress, []))
    },
  }
}
