import { McpoError } from '../../../errors.ts'
import { isObject, membersOf, stringAt } from '../../json-walk.ts'
import type { Message, Span } from '../../model.ts'
import { bytesOf, sliceOf } from '../../pieces.ts'

/** One thing that a server has to know from its client before it can answer. */
export interface InputRequest {
  readonly key: string
  readonly method: string
  /** JSON text as the server wrote it, on one line; null: none. */
  readonly params: string | null
}

export interface InputRequired {
  readonly requests: readonly InputRequest[]
  /** JSON text as the server wrote it; null: none. */
  readonly requestState: string | null
}

/** Nobody asks a person more. */
const maxBytes = 1024 * 1024
const maxRequests = 32

/**
 * What a result of `resultType` "input_required" asks; null for any other answer. Throws TRANSPORT_ERROR when it makes no
 * sense.
 */
export function inputRequiredOf(answer: Message): InputRequired | null {
  const span = answer.span('result')
  if (span === null) return null
  const json = bytesOf(answer.pieces, span)
  if (!isObject(json, { start: 0, end: json.length }) || !isInputRequired(json)) return null
  if (json.length > maxBytes) throw refused(`it asks in more than ${maxBytes} bytes`)
  const { inputRequests, requestState } = uniqueMembers(json, 0)
  const requests = inputRequests === undefined ? [] : requestsIn(json, inputRequests)
  const state = requestState === undefined ? null : textAt(json, requestState)
  if (requests.length === 0 && state === null) throw refused('it asks nothing and gives no state')
  return { requests, requestState: state }
}

/** Members for the params of the same request, sent again. `results` are JSON texts by the key of what they answer. */
export function retryMembers(results: ReadonlyMap<string, string>, requestState: string | null): string {
  const responses = [...results].map(([key, result]) => `${JSON.stringify(key)}:${result}`)
  const members = results.size === 0 ? [] : [`"inputResponses":{${responses.join(',')}}`]
  if (requestState !== null) members.push(`"requestState":${requestState}`)
  return members.join(',')
}

/** Throws INVALID_PARAMS for a request whose params already have what a retry adds. */
export function ensureNoRetryMembers(request: Message): void {
  const span = request.span('params')
  if (span === null) return
  for (const { key } of membersOf(Buffer.concat(sliceOf(request.pieces, span)), 0)) {
    if (key === 'inputResponses' || key === 'requestState') {
      throw new McpoError('INVALID_PARAMS', `params.${key} is no param of this revision`)
    }
  }
}

function isInputRequired(json: Buffer): boolean {
  for (const { key, value } of membersOf(json, 0)) {
    if (key === 'resultType') return stringAt(json, value) === 'input_required'
  }
  return false
}

function requestsIn(json: Buffer, object: Span): InputRequest[] {
  if (!isObject(json, object)) throw refused('"inputRequests" is no object')
  const requests = [...membersOf(json, object.start)].map(({ key, value }) => requestAt(json, key, value))
  if (requests.length > maxRequests) throw refused(`it asks more than ${maxRequests} things at once`)
  if (new Set(requests.map(({ key }) => key)).size < requests.length) throw refused('a key stands there twice')
  return requests
}

function requestAt(json: Buffer, key: string, value: Span): InputRequest {
  const { method, params } = isObject(json, value) ? uniqueMembers(json, value.start) : {}
  const name = method === undefined ? null : stringAt(json, method)
  if (name === null) throw refused('a request has no method')
  return { key, method: name, params: params === undefined ? null : textAt(json, params) }
}

function uniqueMembers(json: Buffer, start: number): Record<string, Span | undefined> {
  const found: Record<string, Span | undefined> = Object.create(null)
  for (const { key, value } of membersOf(json, start)) {
    if (found[key] !== undefined) throw refused(`${JSON.stringify(key.slice(0, 40))} stands there twice`)
    found[key] = value
  }
  return found
}

/** Raw line breaks stand between tokens only. */
function textAt(json: Buffer, { start, end }: Span): string {
  return json.toString('utf8', start, end).replace(/[\r\n]/g, ' ')
}

function refused(reason: string): McpoError {
  return new McpoError('TRANSPORT_ERROR', `The server asked back in a way that cannot be understood: ${reason}`)
}
