import type { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { requestOf } from './outgoing.ts'
import type { ServerCopy } from './server-copy.ts'
import type { TimeLimit } from './time-limit.ts'

/** Asks a server on the gateway's own behalf, `params` as JSON text. Resolves with the answer, an error answer included. */
export function ask(
  copy: Pick<ServerCopy, 'request'>,
  method: string,
  params: string,
  limit: TimeLimit,
): Promise<Message> {
  return new Promise((resolve, reject: (error: McpoError) => void) => {
    copy.request({
      write: (id) => requestOf(id, method, params),
      token: null,
      limit,
      listener: { onAnswer: resolve, onFailure: reject },
    })
  })
}
