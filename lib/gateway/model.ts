/** The words that the gateway and the HTTP side share. */
import type { Principal } from '../auth/model.ts'
import type { Message } from '../protocol/model.ts'
import type { Outgoing } from '../upstream/model.ts'

/** One open way to a client: the response of a POST, or a GET stream. */
export interface Downstream {
  readonly open: boolean
  /** Sends a message that is no answer. On a POST this turns the response into a stream of events. */
  send(message: Outgoing, eventId?: string): void
  /** Sends an id alone, which also turns a POST's response into a stream. Absent: who loses this way cannot come back to it. */
  prime?(eventId: string): void
  /** Ends it without more. */
  end(): void
  /** Called once when the way is closed, by whichever side. */
  onClose(listener: () => void): void
  /** Called with true when too many bytes wait for a slow reader, with false when they are gone or the way is closed. */
  onCongestion(listener: (congested: boolean) => void): void
}

export interface AnswerOptions {
  /** HTTP status, as long as none was sent; 200 when left out. */
  readonly status?: number
  readonly sessionId?: string
}

/** The response of one POST. Exactly one of `answer`, `accept` and `end` finishes it. */
export interface Reply extends Downstream {
  answer(message: Outgoing, options?: AnswerOptions): void
  /** 202: the message needs no answer. */
  accept(): void
}

/** What the headers of a request claim; `undefined`: absent. */
export interface Claims {
  readonly sessionId: string | undefined
  readonly lastEventId: string | undefined
  readonly protocolVersion: string | undefined
  readonly method: string | undefined
  readonly name: string | undefined
  /** The Mcp-Param-* headers, names in lower case; null: this transport has no headers that could contradict the body. */
  readonly paramHeaders: Readonly<NodeJS.Dict<string>> | null
}

/** One message from a client, checked for its form, with the place for its answer. */
export interface Inbound {
  /** Server name of `/mcp/:server`; `null` on `/mcp`. */
  readonly endpoint: string | null
  readonly principal: Principal
  readonly claims: Claims
  readonly message: Message
  readonly reply: Reply
}
