import { requestMessage } from '../../protocol/jsonrpc.ts'
import { listElements } from '../../protocol/lists.ts'
import { parseMessage } from '../../protocol/message.ts'
import type { Message } from '../../protocol/model.ts'
import { Exchange } from './exchange.ts'
import type { Incoming } from './incoming.ts'
import type { Remote } from './remote.ts'
import { modernHeaders } from './request-headers.ts'

/** An id that no other request has: those of calls begin at 1. */
const listingId = 0
const maxPages = 100
const maxEnvelopeBytes = 64 * 1024

/** The headers of a modern request. A tool that no list has shown yet is looked up first, as its call may need headers of its own. */
export async function headersOfModern(
  remote: Remote,
  incoming: Incoming,
  request: Message,
): Promise<Record<string, string>> {
  const headers = modernHeaders(request)
  if (request.text('method') !== 'tools/call') return headers
  const tool = request.text('params.name') ?? ''
  if (!remote.tools.knows(tool)) await remote.tools.lookUp(() => list(remote, incoming, request))
  return { ...headers, ...remote.tools.of(request) }
}

/** Asks for all tools, in the name of the call's client. */
async function list(remote: Remote, incoming: Incoming, call: Message): Promise<void> {
  const envelope = envelopeOf(call)
  let cursor: string | null = null
  for (let page = 0; page < maxPages; page += 1) {
    const params = { ...(cursor === null ? {} : { cursor }), _meta: envelope }
    const answer = await listPage(remote, incoming, params)
    if (answer.isError) return
    remote.tools.learn(answer)
    cursor = listElements(answer, 'tools').nextCursor
    if (cursor === null) return
  }
}

async function listPage(remote: Remote, incoming: Incoming, params: object): Promise<Message> {
  const request = parseMessage([requestMessage(String(listingId), 'tools/list', params)], remote.scan)
  let answer: Message | null = null
  const headers = modernHeaders(request)
  const onAnswer = (came: Message): void => {
    answer = came
  }
  await new Exchange({
    remote,
    incoming,
    request,
    id: listingId,
    session: null,
    headers,
    onMessage() {},
    onAnswer,
  }).run()
  return answer ?? request
}

/** Who asks is who calls; its progress token belongs to the call alone. */
function envelopeOf(call: Message): object {
  const span = call.span('params._meta')
  if (span === null || span.end - span.start > maxEnvelopeBytes) return {}
  return { ...(JSON.parse(call.raw('params._meta') ?? '{}') as object), progressToken: undefined }
}
