import { type McpoError, toMcpoError } from '../../errors.ts'
import type { Message } from '../../protocol/model.ts'
import type { Remote } from './remote.ts'

/** How long a server may take to accept what needs no answer. */
const acceptTimeoutMs = 30_000

/**
 * Posts what is answered elsewhere, or not at all. Gives the HTTP status, or the error when there was none; both kinds of refusal are
 * told in the log. Never rejects.
 */
export async function postNotification(
  remote: Remote,
  url: URL,
  message: Message,
  headers: Readonly<Record<string, string>>,
): Promise<number | McpoError> {
  try {
    const answer = await remote.origin.request({
      method: 'POST',
      url,
      headers,
      body: Buffer.concat(message.pieces),
      signal: AbortSignal.timeout(acceptTimeoutMs),
      headersTimeoutMs: acceptTimeoutMs,
    })
    answer.discard()
    if (answer.status >= 300) remote.warn(`a message was refused with the HTTP status ${answer.status}`)
    return answer.status
  } catch (thrown) {
    const error = toMcpoError(thrown)
    remote.warn(`a message was not delivered: ${error.message}`)
    return error
  }
}
