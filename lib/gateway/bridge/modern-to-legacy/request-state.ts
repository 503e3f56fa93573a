import { createHash } from 'node:crypto'
import { McpoError } from '../../../errors.ts'
import { objectAt } from '../../../protocol/members.ts'
import type { Message } from '../../../protocol/model.ts'
import { bytesOf } from '../../../protocol/pieces.ts'
import { Seal } from '../../seal.ts'

/** Who may go on with a call, at which server. */
export interface CallHolder {
  readonly principal: string
  readonly server: string
}

const maxTextLength = 16 * 1024

/**
 * What goes through a client and comes back: the id of a parked call and a digest of the request that began it, sealed for who
 * may go on with it. It is good for as long as there is such a call.
 */
export class RequestStates {
  private readonly seal = new Seal()

  close(id: string, request: Message, holder: CallHolder): string {
    return this.seal.close(JSON.stringify([id, digestOf(request)]), bindingOf(holder))
  }

  /** The id of the call. Throws INVALID_PARAMS for what was not given to this holder, and for another request. */
  open(text: string, retry: Message, holder: CallHolder): string {
    const json = text.length > maxTextLength ? null : this.seal.open(text, bindingOf(holder))
    if (json === null) throw invalid('none that this gateway gave to this client', 'Send it back exactly as it came.')
    // Only `close` can have sealed it.
    const [id, digest] = JSON.parse(json) as [string, string]
    if (digest === digestOf(retry)) return id
    throw invalid('of another request', 'Repeat the request as it was, with inputResponses and requestState added.')
  }
}

/** What a retry must repeat: the method, and every param but `_meta` and what the retry adds. */
function digestOf(request: Message): string {
  const hash = createHash('sha256').update(request.text('method') ?? '')
  const span = request.span('params')
  const params = span === null ? null : objectAt(request, span)
  const members = (params?.members ?? []).filter(({ key }) => !added.has(key))
  const sorted = members.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  for (const { key, value } of sorted) {
    const length = value.end - value.start
    hash.update(`\0${JSON.stringify(key)}:${length}\0`).update(bytesOf(request.pieces, value))
  }
  return hash.digest('base64url')
}

const added = new Set(['_meta', 'inputResponses', 'requestState'])

function bindingOf({ principal, server }: CallHolder): readonly string[] {
  return ['call', principal, server]
}

function invalid(what: string, hint: string): McpoError {
  return new McpoError('INVALID_PARAMS', `params.requestState is ${what}`, { hint })
}
