import type { UpstreamSettings } from '../config/model.ts'
import type { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import type { Outgoing, UpstreamRequest } from './model.ts'

/**
 * One copy of a server as its user sees it, whatever stands behind it: a process, a remote server, or a face that speaks
 * another era than the server does.
 */
export interface ServerCopy {
  readonly settings: UpstreamSettings
  /** False from the moment on that it can take no more requests. */
  readonly alive: boolean
  /** Settles when it is gone and every waiter was told. */
  readonly closed: Promise<McpoError>
  /**
   * Requests, notifications and unmatched progress of the server, with the id of the call that they belong to where that is
   * known. Set by the owner before the first request.
   */
  onServerMessage: (message: Message, call?: number) => void
  /** Whether the server asked its client something that is not answered yet. */
  waitsForClient: () => boolean
  /** Sends a request and returns the id it travels under. Throws when the copy is gone or full. */
  request(request: UpstreamRequest): number
  /** Sends a notification, or the answer to a request of the server. Dropped when the server is gone or does not read. */
  send(message: Outgoing): void
  /** Nobody waits for this request any more: its answer will be dropped, and the server is told. */
  cancel(id: number, reason: string): void
  /** As `cancel`, with the client's own notification passed on instead of one of ours. */
  cancelWith(id: number, notification: Outgoing): void
  /** The call is alive: it has its full time again. */
  touch(id: number): void
  /** Stops reading what the server writes, until `resume`. */
  pause(): void
  resume(): void
  /** Ends it. Settles when nothing of it is left. */
  stop(reason?: string): Promise<void>
}
