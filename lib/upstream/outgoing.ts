import { notificationMessage } from '../protocol/jsonrpc.ts'
import { type Edit, splice } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { Outgoing } from './model.ts'

/** A message of our own. */
export function ofBytes(bytes: Buffer): Outgoing {
  return { pieces: [bytes], hasLineBreaks: false }
}

/** A message that came, with edits; everything else as it stands. Edits may be given in any order. */
export function edited(message: Message, edits: readonly Edit[]): Outgoing {
  const ordered = edits.length > 1 ? [...edits].sort((a, b) => a.span.start - b.span.start) : edits
  return { pieces: splice(message, ordered), hasLineBreaks: message.hasLineBreaks }
}

/** The same message under another id, JSON text; its edits as in `edited`. */
export function withId(message: Message, id: string, edits: readonly Edit[] = []): Outgoing {
  const span = message.span('id')
  return edited(message, span === null ? edits : [...edits, { span, bytes: id }])
}

/** A request of our own; `params` is JSON text without line breaks, for instance what a client sent. */
export function requestOf(id: number, method: string, params: string): Outgoing {
  return ofBytes(Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`))
}

export function notificationOf(method: string, params?: object): Outgoing {
  return ofBytes(notificationMessage(method, params))
}
