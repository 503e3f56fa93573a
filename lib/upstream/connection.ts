import type { McpoError } from '../errors.ts'
import type { Rejection } from '../protocol/framer.ts'
import type { Message } from '../protocol/model.ts'
import type { ExitStatus } from '../sandbox/model.ts'
import type { Outgoing } from './model.ts'

/** What comes from a server. None of these is called after `exited` has settled. */
export interface ConnectionEvents {
  /** `call`: the request in whose course it was said, where the way of the message says that. */
  onMessage(message: Message, call?: number): void
  /** Bytes that are no message. */
  onReject(rejection: Rejection): void
  /** A line of its stderr. */
  onStderr(line: string): void
  /** The request with this id can have no answer any more, though the server itself is not gone. */
  onLost(id: number, error: McpoError): void
}

/** The way to one running copy of a server, whatever it goes over. */
export interface Connection {
  /** For the log: which copy it is. */
  readonly label: Readonly<Record<string, unknown>>
  /** Settles when everything that the server said was delivered and no more can come. */
  readonly ended: Promise<void>
  /** Settles when the copy is gone. Never rejects. */
  readonly exited: Promise<ExitStatus>
  /** Throws TOO_MANY when the server does not read. */
  send(message: Outgoing): void
  /** Stops reading what the server says, until `resume`. */
  pause(): void
  resume(): void
  /** Asks the server politely to end. */
  end(): void
  /** For who does not heed that: SIGTERM. Where there is no process, as `kill`. */
  terminate(): void
  /** Ends it at once. Safe to call twice. */
  kill(): void
  /** Gives everything up that is still held, after it has exited. */
  destroy(): void
  /** What is told to whoever still waits; `status` is null as long as the copy has not exited. */
  lastWords(status: ExitStatus | null): McpoError
}

/** A copy that was started, and is not listened to yet. */
export interface Opened {
  /** Called once. */
  connect(events: ConnectionEvents): Connection
  /** Instead of `connect`: it is not wanted any more. */
  discard(): void
}
