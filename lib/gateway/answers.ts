import { toMcpoError } from '../errors.ts'
import { errorMessage, resultMessage, rpcErrorOf } from '../protocol/jsonrpc.ts'
import type { Message } from '../protocol/model.ts'
import type { Outgoing } from '../upstream/model.ts'
import { ofBytes } from '../upstream/outgoing.ts'

/** The gateway's own answer to a request. */
export function resultFor(request: Message, result: object): Outgoing {
  return ofBytes(resultMessage(idOf(request), result))
}

/** An error as the answer to a request (a client's or a server's). */
export function errorFor(request: Message, thrown: unknown): Outgoing {
  return ofBytes(errorMessage(idOf(request), rpcErrorOf(toMcpoError(thrown))))
}

/** JSON text of a request's id. */
export function idOf(request: Message): string {
  return request.raw('id') ?? 'null'
}
