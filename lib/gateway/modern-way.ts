import type { McpoError } from '../errors.ts'
import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { Renaming } from '../protocol/renaming.ts'
import { newestModern } from '../protocol/revisions/index.ts'
import type { Outgoing } from '../upstream/model.ts'
import type { Reply } from './model.ts'

/**
 * A modern client's request on its way to one server. Exactly one of `onAnswer` and `onFailure` is called, unless the
 * client goes away.
 */
export interface ModernCall {
  readonly request: Message
  readonly reply: Reply
  readonly edits: readonly Edit[]
  /** In the answer: what the client knows under other names. */
  readonly renamings: readonly Renaming[]
  /** Something for the client before its answer: as it came, and as the client is to see it. */
  onEvent(event: Message, mapped: Outgoing): void
  /** The answer as the client is to see it, its HTTP status, and as it came (null: it is the gateway's own). */
  onAnswer(mapped: Outgoing, status: number, answer: Message | null): void
  onFailure(error: McpoError): void
}

/** How the requests of one modern client reach one server, of whichever era. */
export interface ModernWay {
  call(call: ModernCall): void
  /** Asks in the name of the client that sent `request`; resolves with an error answer, too. `params` without `_meta`. */
  ask(request: Message, method: string, params: Record<string, unknown>): Promise<Message>
}

/** The HTTP status of an answer; `code`: of its error, null for a result. */
export function statusOfCode(code: number | null): number {
  return code === null ? 200 : (newestModern.http.errorStatuses[code] ?? 200)
}
