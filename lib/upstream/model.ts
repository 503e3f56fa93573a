/** What the upstream side needs from others, and the words it speaks to the gateway. */
import type { LocalSettings } from '../config/model.ts'
import type { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import type { Refusal } from '../sandbox/events/model.ts'
import type { SandboxedChild } from '../sandbox/model.ts'
import type { TimeLimit } from './time-limit.ts'

/** Starts one copy of a configured server, confined as its policy says. Rejects with a McpoError. */
export type StartServer = (server: LocalSettings, onEvent: (event: Refusal) => void) => Promise<SandboxedChild>

/** The part of a pino logger that is used here. */
export interface Log {
  debug(facts: object, text: string): void
  info(facts: object, text: string): void
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

/** A message on its way out: the bytes of one JSON value, in pieces. */
export interface Outgoing {
  readonly pieces: readonly Buffer[]
  /** A raw CR or LF stands between tokens; the writer must take it out. */
  readonly hasLineBreaks: boolean
}

/** Who waits for the answer to one request. Exactly one of `onAnswer` and `onFailure` is called, once. */
export interface CallListener {
  onAnswer(answer: Message): void
  onFailure(error: McpoError): void
  onProgress?(progress: Message): void
}

export interface UpstreamRequest {
  /** Makes the request's bytes with the id (and, if the caller wants, the progress token) that it travels under. */
  readonly write: (id: number) => Outgoing
  /** The progress token that the server will see, as JSON text; `null`: it was asked for none. */
  readonly token: ((id: number) => string) | null
  /** `null`: may take for ever (subscriptions). */
  readonly limit: TimeLimit | null
  readonly listener: CallListener
}

export interface UpstreamLimits {
  /** Largest message accepted from a server. */
  readonly maxMessageBytes: number
  /** Requests in flight towards one instance. */
  readonly maxCalls: number
}
