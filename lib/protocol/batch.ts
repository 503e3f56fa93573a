import { McpoError } from '../errors.ts'
import { elementsOf } from './json-walk.ts'
import { parseMessage } from './message.ts'
import type { Message } from './model.ts'
import type { ScanChunk } from './scan.ts'

/** The most messages that one array may have. */
export const maxBatchLength = 100

/**
 * The messages of a JSON-RPC array, in order; what is no message is `invalid`. Throws INVALID_REQUEST for an empty array and
 * for one of more than 100.
 */
export function messagesOf(batch: Message, scan: ScanChunk): Message[] {
  const json = Buffer.concat(batch.pieces)
  const messages: Message[] = []
  for (const { start, end } of elementsOf(json, 0)) {
    if (messages.length === maxBatchLength) throw refused(`may have ${maxBatchLength} messages`)
    messages.push(parseMessage([json.subarray(start, end)], scan))
  }
  if (messages.length === 0) throw refused('must have a message')
  return messages
}

function refused(rule: string): McpoError {
  return new McpoError('INVALID_REQUEST', `A JSON-RPC array ${rule}`)
}
