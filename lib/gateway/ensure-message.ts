import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { isJsonRpc2 } from '../protocol/version-field.ts'

/** Throws PARSE_ERROR or INVALID_REQUEST for what is not one JSON-RPC message. */
export function ensureMessage(message: Message): void {
  if (message.kind === 'batch') {
    throw new McpoError('INVALID_REQUEST', 'JSON-RPC batches are not supported', {
      hint: 'Send each message on its own.',
    })
  }
  if (message.problem !== null) throw badMessage(message.problem)
  if (!isJsonRpc2(message)) throw badMessage('shape')
}

function badMessage(problem: string): McpoError {
  if (problem === 'syntax' || problem === 'utf8' || problem === 'depth') {
    return new McpoError('PARSE_ERROR', `The body is no JSON message (${problem})`)
  }
  const what = problem === 'duplicate' ? 'has a decisive field twice' : 'is no JSON-RPC message'
  return new McpoError('INVALID_REQUEST', `The body ${what}`)
}
