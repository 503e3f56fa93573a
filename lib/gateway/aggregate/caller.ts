import type { Principal } from '../../auth/model.ts'
import type { Edit } from '../../protocol/message.ts'
import type { Message } from '../../protocol/model.ts'
import type { Renaming } from '../../protocol/renaming.ts'
import type { Revision } from '../../protocol/revisions/index.ts'
import type { Outgoing } from '../../upstream/model.ts'
import type { UpstreamServer } from '../../upstream/server.ts'
import type { ResourceRoutes } from '../resource-routes.ts'

/** What changes between a client and a server; all other bytes go as they came. */
export interface Passage {
  /** In the client's request. */
  readonly edits?: readonly Edit[]
  /** In the server's answer. */
  readonly renamings?: readonly Renaming[]
  /** Called for an answer that is no error, before the client has it. */
  onResult?(): void
}

/** How one client, of either era, reaches the servers behind the aggregate. */
export interface Caller {
  readonly principal: Principal
  readonly request: Message
  readonly routes: ResourceRoutes
  /** What its client speaks. */
  readonly revision: Revision
  /** Sends the client's request on and lets the server answer it. */
  relay(server: UpstreamServer, passage: Passage): Promise<void>
  /** As `relay`, but an error does not reach the client: it is given back. Resolves with null when the client was answered. */
  attempt(server: UpstreamServer, passage: Passage): Promise<Outgoing | null>
  /** Asks a server in the client's name; resolves with an error answer, too. `params` without `_meta`. */
  ask(server: UpstreamServer, method: string, params: Record<string, unknown>): Promise<Message>
  answer(answer: Outgoing): void
  /** Throws what keeps the call of a server's tool from being sent. */
  ensureCall?(server: UpstreamServer, tool: string): Promise<void>
}
