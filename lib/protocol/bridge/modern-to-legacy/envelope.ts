import { logLevels } from '../../log-levels.ts'
import { lineAt, memberOf, objectAt, without } from '../../members.ts'
import type { Edit } from '../../message.ts'
import type { Message } from '../../model.ts'
import { isRecord } from '../../records.ts'
import { shared } from '../../revisions/capabilities.ts'
import { newestLegacy, newestModern } from '../../revisions/index.ts'

/** What every modern request says of its client, and an earlier server learns from `initialize`. */
const { envelope } = newestModern
const envelopeKeys: readonly string[] = Object.values(envelope)
/** What a client repeats a request with. */
const retryKeys = new Set(['inputResponses', 'requestState'])

/** What of a client's capabilities an earlier server can use: those that it may ask for, with the parts that it knows. */
const asked = new Set(Object.values(newestLegacy.questions))
const askedCapabilities = Object.entries(shared(newestModern.client.capabilities, newestLegacy.client.capabilities))
  .filter(([name]) => asked.has(name))
  .sort(([one], [other]) => (one < other ? -1 : 1))

/** A modern client as an earlier server is to know it. */
export interface LegacyClient {
  /** In the order of their names, so that equal clients have equal text. */
  readonly capabilities: Readonly<Partial<Record<string, object>>>
  /** Servers may ask it something during a call. */
  readonly isAskable: boolean
  /** Null: it did not say, or not with a name and a version. */
  readonly clientInfo: object | null
  /** The least severe log messages it wants for this request; null: none. */
  readonly logLevel: string | null
}

/** The client that a request's envelope describes. `_meta` was found to be valid and small. */
export function clientOf(request: Message): LegacyClient {
  const meta: unknown = JSON.parse(request.raw('params._meta') ?? '{}')
  const said = isRecord(meta) ? meta : {}
  const declared = said[envelope.clientCapabilities]
  const capabilities = isRecord(declared) ? legacyCapabilities(declared) : {}
  const clientInfo = said[envelope.clientInfo]
  const logLevel = said[envelope.logLevel]
  return {
    capabilities,
    isAskable: Object.keys(capabilities).length > 0,
    clientInfo: isNamed(clientInfo) ? clientInfo : null,
    logLevel: typeof logLevel === 'string' && logLevels.includes(logLevel) ? logLevel : null,
  }
}

/** Nobody that could be asked. */
export function unaskable(clientInfo: LegacyClient['clientInfo']): LegacyClient {
  return { capabilities: {}, isAskable: false, clientInfo, logLevel: null }
}

/**
 * What makes a modern request one of an earlier revision: the envelope and what a retry carries go, everything else stays.
 * `token`: JSON text in place of the progress token, if it has one.
 */
export function legacyRequestEdits(request: Message, token: string): Edit[] {
  const span = request.span('params')
  const params = span === null ? null : objectAt(request, span)
  if (params === null) return []
  const meta = metaText(request, token)
  const isUnwanted = (key: string) => retryKeys.has(key) || (key === '_meta' && meta === null)
  const edits = without(params, isUnwanted)
  const metaSpan = request.span('params._meta')
  return meta === null || metaSpan === null ? edits : [...edits, { span: metaSpan, bytes: meta }]
}

/** The `_meta` that is left; null when nothing is. */
function metaText(request: Message, token: string): string | null {
  const span = request.span('params._meta')
  const meta = span === null ? null : objectAt(request, span)
  const kept = (meta?.members ?? []).filter(({ key }) => !envelopeKeys.includes(key))
  if (kept.length === 0) return null
  const texts = kept.map(({ key, value }) => {
    return `${JSON.stringify(key)}:${key === 'progressToken' ? token : lineAt(request, value)}`
  })
  return `{${texts.join(',')}}`
}

/** Only what is known: there are few kinds of clients to an earlier server, whatever they declare. */
function legacyCapabilities(declared: Record<string, unknown>): LegacyClient['capabilities'] {
  const entries = askedCapabilities.flatMap(([name, parts]): [string, object][] => {
    const value = declared[name]
    if (!isRecord(value)) return []
    return [[name, Object.fromEntries(parts.filter((part) => isRecord(value[part])).map((part) => [part, {}]))]]
  })
  return Object.fromEntries(entries)
}

function isNamed(info: unknown): info is object {
  return isRecord(info) && typeof info['name'] === 'string' && typeof info['version'] === 'string'
}

/** What the client answered to the questions of an earlier round. */
export interface Retry {
  readonly requestState: string
  /** JSON text of each answer that is an object. */
  readonly responses: ReadonlyMap<string, string>
}

/** Null: the request is no retry. `invalid`: it means to be one, and its parts are of wrong types. */
export function retryOf(request: Message): Retry | 'invalid' | null {
  const span = request.span('params')
  const params = span === null ? null : objectAt(request, span)
  const state = params === null ? undefined : memberOf(params, 'requestState')
  if (params === null || state === undefined) return null
  const requestState: unknown = JSON.parse(lineAt(request, state.value))
  const member = memberOf(params, 'inputResponses')
  const answers = member === undefined ? undefined : objectAt(request, member.value)
  if (typeof requestState !== 'string' || answers === null) return 'invalid'
  const isAnswer = ({ value }: { value: { start: number; end: number } }) => objectAt(request, value) !== null
  const responses = (answers?.members ?? []).filter(isAnswer)
  return { requestState, responses: new Map(responses.map(({ key, value }) => [key, lineAt(request, value)])) }
}
