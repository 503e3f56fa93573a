/** `x-mcp-header`: tool params that a call over HTTP repeats in headers (2026-07-28, "Custom Headers from Tool Parameters"). */

import { isRecord } from '../records.ts'

const annotation = 'x-mcp-header'
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const types: readonly unknown[] = ['string', 'integer', 'boolean'] satisfies ParamHeader['type'][]
/** No real schema nests deeper or annotates more; a call's headers have to fit into 16 KiB anyhow. */
const maxDepth = 64
const maxHeaders = 64

/** One param that is repeated in a header. */
export interface ParamHeader {
  /** `mcp-param-…`, in lower case: names of headers have none. */
  readonly header: string
  /** From the call's arguments to the value. */
  readonly path: readonly string[]
  readonly type: 'string' | 'integer' | 'boolean'
}

export interface ParamHeaders {
  readonly headers: readonly ParamHeader[]
  /** Why clients must leave the tool out; null when every annotation is valid. */
  readonly problem: string | null
}

/** The annotations of a tool's `inputSchema` (parsed JSON of any kind). With a problem there are no headers. */
export function paramHeadersOf(inputSchema: unknown): ParamHeaders {
  const found = new Map<string, ParamHeader>()
  const problem = visit(inputSchema, [], true, 0, found)
  return problem === null ? { headers: [...found.values()], problem } : { headers: [], problem }
}

/** What the header says for these arguments: null when there is no header, because the value is absent, null or of another type. */
export function paramHeaderValue(header: ParamHeader, args: unknown): string | null {
  const text = textOfValue(valueAt(args, header.path), header.type)
  return text === null ? null : encodeHeaderValue(text)
}

/** Does a header that came (undefined: none) say what the body says (undefined: nothing)? Integers are compared as numbers. */
export function agrees(value: unknown, came: string | undefined): boolean {
  if (value === undefined || typeof value === 'object') return came === undefined
  const said = came === undefined ? null : decodeHeaderValue(came)
  if (said === null || said === String(value)) return said !== null
  return typeof value === 'number' && integer.test(said) && Number(said) === value
}

/** A value as a header can carry it: what is no plain ASCII, or could be taken for encoded, becomes `=?base64?…?=`. */
export function encodeHeaderValue(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !sentinel.test(text)
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`
}

/** The value that a header carries; null when it is encoded wrongly or holds what no header may. */
export function decodeHeaderValue(value: string): string | null {
  const encoded = sentinel.exec(value)?.[1]
  if (encoded === undefined) return /^[\t\x20-\x7e]*$/.test(value) ? value : null
  const bytes = Buffer.from(encoded, 'base64')
  // Node skips what is no base64, and takes it without padding: only what encodes back was valid.
  if (bytes.toString('base64') !== encoded) return null
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? text : null
}

const sentinel = /^=\?base64\?(.*)\?=$/s
const integer = /^-?\d+(?:\.0+)?$/

/** Walks a schema and everything that is a schema in it; `isReachable`: through `properties` alone. Null, or the problem. */
function visit(
  schema: unknown,
  path: readonly string[],
  isReachable: boolean,
  depth: number,
  found: Map<string, ParamHeader>,
): string | null {
  if (!isRecord(schema)) return null
  if (depth > maxDepth) return `its schema nests deeper than ${maxDepth}`
  const problem = Object.hasOwn(schema, annotation) ? annotate(schema, path, isReachable, found) : null
  if (problem !== null) return problem
  for (const [key, child] of Object.entries(isRecord(schema['properties']) ? schema['properties'] : {})) {
    const problem = visit(child, [...path, key], isReachable, depth + 1, found)
    if (problem !== null) return problem
  }
  for (const child of otherSchemasIn(schema)) {
    const problem = visit(child, path, false, depth + 1, found)
    if (problem !== null) return problem
  }
  return null
}

function annotate(
  schema: Record<string, unknown>,
  path: readonly string[],
  isReachable: boolean,
  found: Map<string, ParamHeader>,
): string | null {
  const where = `${annotation} of ${path.length === 0 ? 'the schema itself' : JSON.stringify(path.join('.')).slice(0, 100)}`
  const { [annotation]: name, type } = schema
  if (!isReachable || path.length === 0) return `${where} is not reachable through "properties" alone`
  if (typeof name !== 'string' || !token.test(name)) return `${where} is no name for a header`
  if (!isType(type)) return `${where} is on a param that is no string, integer or boolean`
  const header = `mcp-param-${name.toLowerCase()}`
  if (found.has(header)) return `${where} is the second of the name ${JSON.stringify(name.slice(0, 100))}`
  if (found.size === maxHeaders) return `it has more than ${maxHeaders} annotations`
  found.set(header, { header, path, type })
  return null
}

/** Every schema in this one that `properties` does not lead to. */
function otherSchemasIn(schema: Record<string, unknown>): unknown[] {
  const single = oneOrMany.flatMap((key) => schema[key] ?? [])
  const named = byName.flatMap((key) => (isRecord(schema[key]) ? Object.values(schema[key]) : []))
  return [...single, ...named]
}

const oneOrMany = [
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
]
const byName = ['patternProperties', 'dependentSchemas', '$defs', 'definitions']

function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args
  for (const key of path) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value
}

function textOfValue(value: unknown, type: ParamHeader['type']): string | null {
  if (type === 'integer') return Number.isSafeInteger(value) ? String(value) : null
  return typeof value === type ? String(value) : null
}

function isType(type: unknown): type is ParamHeader['type'] {
  return types.includes(type)
}
