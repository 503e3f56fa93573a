import { type Edit, parseMessage } from '../../../../../lib/protocol/message.ts'
import type { Message } from '../../../../../lib/protocol/model.ts'
import { scanChunkJs } from '../../../../../lib/protocol/scan.ts'
import { edited } from '../../../../../lib/upstream/outgoing.ts'

/** A message from its text, in pieces of `size` bytes. */
export function messageOf(text: string, size = text.length): Message {
  const bytes = Buffer.from(text)
  const count = Math.ceil(bytes.length / size)
  return parseMessage(
    Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size)),
    scanChunkJs,
  )
}

/** The text of a message with edits. */
export function textWith(message: Message, edits: readonly Edit[]): string {
  return Buffer.concat(edited(message, edits).pieces).toString()
}
