import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { CallListener } from '../upstream/model.ts'
import { edited, withId } from '../upstream/outgoing.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import type { AnswerEdits } from './aggregate.ts'
import { errorFor, idOf } from './answers.ts'
import type { ClientCall } from './client-calls.ts'
import type { Link } from './link.ts'
import { paramsLine } from './params.ts'
import type { Session } from './session.ts'

interface Passage {
  readonly session: Session
  readonly call: ClientCall
  readonly link: Link
  readonly edits: readonly Edit[]
  readonly answerEdits: AnswerEdits
}

/**
 * Sends a legacy client's request to its own copy of a server, under another id, and its answer back under the client's.
 * Everything else stays as it came, save `edits` and, in the answer, `answerEdits`. A client that disconnects does not cancel
 * its call (that is so in this era).
 */
export async function relay(
  session: Session,
  call: ClientCall,
  link: Link,
  edits: readonly Edit[] = [],
  answerEdits: AnswerEdits = () => [],
): Promise<void> {
  try {
    const copy = await link.open()
    if (session.calls.isOpen(call)) send({ session, call, link, edits, answerEdits }, copy)
  } catch (thrown) {
    if (session.calls.finish(call)) call.reply.answer(errorFor(call.request, thrown))
  }
}

function send(passage: Passage, copy: ServerCopy): void {
  const { session, call, link, edits } = passage
  const { request, reply } = call
  const token = request.raw('params._meta.progressToken')
  const id = copy.request({
    write: (id) => withId(request, String(id), edits),
    token: token === null ? null : () => token,
    timeoutMs: link.server.settings.requestTimeoutMs,
    listener: listenerOf(passage),
  })
  call.sent = { copy, id }
  const carrier = { server: link.server.name, copy, call: id, stream: reply, touch: () => copy.touch(id) }
  session.downlink.carry(carrier)
  call.onOver = () => session.downlink.drop(carrier)
}

function listenerOf(passage: Passage): CallListener {
  const { session, call, answerEdits } = passage
  const { request, reply } = call
  return {
    onAnswer(answer) {
      if (!answer.isError) remember(passage)
      if (session.calls.finish(call)) reply.answer(withId(answer, idOf(request), answerEdits(answer)))
    },
    onFailure(error) {
      if (session.calls.finish(call)) reply.answer(errorFor(request, error))
    },
    onProgress(progress) {
      reply.send(edited(progress, []))
    },
  }
}

const maxLevelBytes = 1024

/** Keeps what a new copy of the server has to be told again. */
function remember({ session, call: { request }, link, edits }: Passage): void {
  const method = request.text('method')
  if (method === 'resources/subscribe') link.subscribed(uriIn(request, edits))
  else if (method === 'resources/unsubscribe') link.unsubscribed(uriIn(request, edits))
  else if (method === 'logging/setLevel' && request.byteLength <= maxLevelBytes) {
    session.logLevelParams = paramsLine(request)
  }
}

/** As the server was told it. */
function uriIn(request: Message, edits: readonly Edit[]): string {
  const span = request.span('params.uri')
  const edit = edits.find(({ span: edited }) => edited.start === span?.start)
  return edit === undefined ? (request.text('params.uri') ?? '') : (JSON.parse(edit.bytes.toString()) as string)
}
