import { McpoError } from '../../../errors.ts'
import { membersOf } from '../../json-walk.ts'
import type { Edit } from '../../message.ts'
import type { Message, Span } from '../../model.ts'
import { sliceOf } from '../../pieces.ts'
import { newestModern } from '../../revisions/index.ts'

/** What every modern request says about its client. */
export interface EnvelopeFacts {
  readonly protocolVersion: string
  readonly clientCapabilities: object
  /** Null: the client did not say who it is. */
  readonly clientInfo: object | null
  /** The least severe log messages that the server may send; null: none. */
  readonly logLevel: string | null
}

const { envelope } = newestModern
const own: readonly string[] = Object.values(envelope)
const maxMetaBytes = 64 * 1024

/** The envelope as members of `_meta`: JSON text without the braces. */
export function envelopeMembers({ protocolVersion, clientCapabilities, clientInfo, logLevel }: EnvelopeFacts): string {
  const meta = {
    [envelope.protocolVersion]: protocolVersion,
    [envelope.clientCapabilities]: clientCapabilities,
    ...(clientInfo !== null && { [envelope.clientInfo]: clientInfo }),
    ...(logLevel !== null && { [envelope.logLevel]: logLevel }),
  }
  return JSON.stringify(meta).slice(1, -1)
}

/**
 * Edits that put members into a request's `params._meta`, and others into its `params`; both objects are made where they are
 * absent. Members are JSON text without braces; `paramMembers` may be empty. Throws INVALID_PARAMS for params or `_meta` of
 * another type, and for a `_meta` that has a member of the envelope already: the next reader might believe that one.
 */
export function envelopeEdits(request: Message, metaMembers: string, paramMembers = ''): Edit[] {
  const method = request.span('method')
  if (method === null) throw new McpoError('INTERNAL_ERROR', 'Only requests have an envelope.')
  const newMeta = `"_meta":{${metaMembers}}`
  const params = request.span('params')
  if (params === null) return [insertion(method.end, `,"params":{${joined(newMeta, paramMembers)}}`)]
  const meta = request.span('params._meta')
  if (meta === null) return [intoObject(request, params, joined(newMeta, paramMembers), 'params')]
  ensureNoEnvelope(request, meta)
  const intoMeta = intoObject(request, meta, metaMembers, 'params._meta')
  return paramMembers === '' ? [intoMeta] : [intoObject(request, params, paramMembers, 'params'), intoMeta]
}

const openBrace = 0x7b
const closeBrace = 0x7d

function intoObject({ pieces }: Message, span: Span, members: string, name: string): Edit {
  const [first, second] = firstBytes(pieces, span)
  if (first !== openBrace) throw new McpoError('INVALID_PARAMS', `${name} must be an object`)
  return insertion(span.start + 1, second === closeBrace ? members : `${members},`)
}

/** The first two bytes that are no white space. */
function firstBytes(pieces: readonly Buffer[], span: Span): number[] {
  const found: number[] = []
  for (const piece of sliceOf(pieces, span)) {
    for (const byte of piece) {
      if (byte > 0x20) found.push(byte)
      if (found.length === 2) return found
    }
  }
  return found
}

function ensureNoEnvelope({ pieces }: Message, meta: Span): void {
  if (meta.end - meta.start > maxMetaBytes) {
    throw new McpoError('TOO_LARGE', `params._meta may have ${maxMetaBytes} bytes`)
  }
  const json = Buffer.concat(sliceOf(pieces, meta))
  if (json[0] !== openBrace) throw new McpoError('INVALID_PARAMS', 'params._meta must be an object')
  for (const { key } of membersOf(json, 0)) {
    if (own.includes(key)) throw new McpoError('INVALID_PARAMS', `params._meta may not say ${key} in a session`)
  }
}

function insertion(at: number, bytes: string): Edit {
  return { span: { start: at, end: at }, bytes }
}

function joined(first: string, second: string): string {
  return second === '' ? first : `${first},${second}`
}
