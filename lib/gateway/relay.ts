import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import { renamingEdits } from '../protocol/renaming.ts'
import type { CallListener, Outgoing } from '../upstream/model.ts'
import { edited, withId } from '../upstream/outgoing.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import { requestLimit } from '../upstream/time-limit.ts'
import type { Passage } from './aggregate/caller.ts'
import { errorFor, idOf } from './answers.ts'
import type { ClientCall } from './client-calls.ts'
import type { Link } from './link.ts'
import { paramsLine } from './params.ts'
import type { Session } from './session.ts'

/** A request on its way through one session. */
interface Journey {
  readonly session: Session
  readonly call: ClientCall
  readonly link: Link
  readonly passage: Passage
}

/**
 * Sends a legacy client's request to its own copy of a server, under another id, and its answer back under the client's.
 * Everything else stays as it came, save what `passage` says. A client that disconnects does not cancel its call (that is so
 * in this era).
 */
export async function relay(session: Session, call: ClientCall, link: Link, passage: Passage = {}): Promise<void> {
  const journey = { session, call, link, passage }
  const answer = (outgoing: Outgoing) => {
    if (session.calls.finish(call)) call.reply.answer(outgoing)
  }
  try {
    await begin(journey, answer)
  } catch (thrown) {
    answer(errorFor(call.request, thrown))
  }
}

/** As `relay`, but an error is given back and does not end the call. Never settles when the client takes its call back. */
export function attempt(session: Session, call: ClientCall, link: Link, passage: Passage): Promise<Outgoing | null> {
  const journey = { session, call, link, passage }
  return new Promise((resolve) => {
    const settle = (outgoing: Outgoing, isError: boolean) => {
      if (isError) {
        call.onOver()
        resolve(outgoing)
        return
      }
      if (session.calls.finish(call)) call.reply.answer(outgoing)
      resolve(null)
    }
    begin(journey, settle).catch((thrown) => settle(errorFor(call.request, thrown), true))
  })
}

type OnEnd = (outgoing: Outgoing, isError: boolean) => void

async function begin(journey: Journey, onEnd: OnEnd): Promise<void> {
  const { session, call, link } = journey
  const copy = await link.open()
  if (session.calls.isOpen(call)) send(journey, copy, onEnd)
}

function send(journey: Journey, copy: ServerCopy, onEnd: OnEnd): void {
  const { session, call, link, passage } = journey
  const { request, reply } = call
  const token = request.raw('params._meta.progressToken')
  const tasks = session.taskNames(link.server.settings)
  const edits = [...(passage.edits ?? []), ...(tasks?.requestEdits(request) ?? [])]
  const id = copy.request({
    write: (id) => withId(request, String(id), edits),
    token: token === null ? null : () => token,
    limit: requestLimit(link.server.settings),
    listener: listenerOf(journey, copy, onEnd),
  })
  call.sent = { copy, id }
  const carrier = { server: link.server.name, copy, call: id, stream: reply, touch: () => copy.touch(id) }
  session.downlink.carry(carrier)
  call.onOver = () => session.downlink.drop(carrier)
}

function listenerOf(journey: Journey, copy: ServerCopy, onEnd: OnEnd): CallListener {
  const { session, link } = journey
  const { request, reply } = journey.call
  const { onResult, renamings = [] } = journey.passage
  const tasks = session.taskNames(link.server.settings)?.answerRenamings(request.text('method') ?? '') ?? []
  return {
    onAnswer(answer) {
      if (!answer.isError) {
        remember(journey)
        onResult?.()
      }
      onEnd(withId(answer, idOf(request), renamingEdits(answer, [...renamings, ...tasks])), answer.isError)
    },
    onFailure(error) {
      onEnd(errorFor(request, error), true)
    },
    onProgress(progress) {
      reply.send(edited(progress, session.shown({ server: link.server.name, copy }, progress)))
    },
  }
}

const maxLevelBytes = 1024

/** Keeps what a new copy of the server has to be told again. */
function remember({ session, call: { request }, link, passage: { edits = [] } }: Journey): void {
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
