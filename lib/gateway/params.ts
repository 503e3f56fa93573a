import { McpoError } from '../errors.ts'
import { isObject, membersOf } from '../protocol/json-walk.ts'
import type { Message, Span } from '../protocol/model.ts'

const maxBytes = 64 * 1024

/** The params of a small request, parsed; an empty object when it has none. For methods off the hot path only. */
export function smallParams(request: Message): Record<string, unknown> {
  const span = request.span('params')
  if (span === null) return {}
  if (span.end - span.start > maxBytes) throw new McpoError('TOO_LARGE', `The params may have ${maxBytes} bytes here`)
  const params: unknown = JSON.parse(request.raw('params') ?? '{}')
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new McpoError('INVALID_PARAMS', 'The params must be an object')
  }
  return params as Record<string, unknown>
}

/** A string somewhere in the params: what it says (null: it is no string), and where it stands in the message. */
export interface LocatedText {
  readonly text: string | null
  readonly span: Span
}

/** A value somewhere in the params, parsed, and where it stands in the message. */
export interface LocatedValue {
  readonly value: unknown
  readonly span: Span
}

/** The strings among `valuesIn`. */
export function textsIn(
  request: Message,
  object: string,
  names: readonly string[],
): Partial<Record<string, LocatedText>> {
  const texts: Partial<Record<string, LocatedText>> = {}
  for (const [name, located] of Object.entries(valuesIn(request, object, names))) {
    if (located !== undefined) texts[name] = { text: textOf(located.value), span: located.span }
  }
  return texts
}

/**
 * What an object of a small request's params says under these names. Throws INVALID_PARAMS for a name that stands there
 * twice, since the server might read the other one.
 */
export function valuesIn<Name extends string>(
  request: Message,
  object: string,
  names: readonly Name[],
): Partial<Record<Name, LocatedValue>> {
  // Refuses what is too large or no object.
  smallParams(request)
  const params = request.span('params')
  const json = Buffer.from(request.raw('params') ?? '{}')
  const { [object]: value } = uniqueMembers(json, 0, [object])
  if (params === null || value === undefined || !isObject(json, value)) return {}
  const found: Partial<Record<Name, LocatedValue>> = {}
  for (const [name, { start, end }] of Object.entries(uniqueMembers(json, value.start, names))) {
    const span = { start: params.start + start, end: params.start + end }
    // Only these names are looked for.
    found[name as Name] = { value: JSON.parse(json.toString('utf8', start, end)), span }
  }
  return found
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function uniqueMembers(json: Buffer, start: number, names: readonly string[]): Record<string, Span> {
  const found: Record<string, Span> = Object.create(null)
  for (const { key, value } of membersOf(json, start)) {
    if (!names.includes(key)) continue
    if (found[key] !== undefined) throw new McpoError('INVALID_PARAMS', `"${key}" stands in the params twice`)
    found[key] = value
  }
  return found
}

/** JSON text of the params as they came, without line breaks: in valid JSON these stand between tokens only. */
export function paramsLine(request: Message): string {
  const raw = request.raw('params') ?? '{}'
  return request.hasLineBreaks ? raw.replace(/[\r\n]/g, ' ') : raw
}
