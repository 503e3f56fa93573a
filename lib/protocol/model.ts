/** Bytes `start` (inclusive) to `end` (exclusive), counted from the first byte of the message. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The fields that MCP-One ever decides from. A message that has one of them twice in its object, also in an escaped
 * spelling (`"i\u0064"`) or in another letter case (some receivers ignore it), has `problem = "duplicate"`; so has one with
 * a top-level field in another letter case only, since such a receiver would find an id or a method that we do not.
 */
export const fields = [
  'id',
  'method',
  'params',
  'result',
  'error',
  'params.name',
  'params.uri',
  'params.requestId',
  'params.progressToken',
  'params.protocolVersion',
  'params._meta',
  'params._meta.progressToken',
  'params._meta.io.modelcontextprotocol/protocolVersion',
  'params._meta.io.modelcontextprotocol/subscriptionId',
] as const

export type Field = (typeof fields)[number]

/**
 * `syntax`: not one JSON value by RFC 8259; `utf8`: not UTF-8; `depth`: nested deeper than the cap; `duplicate`: above;
 * `shape`: JSON, but no JSON-RPC message (neither method nor result nor error, an id that is an object, a method that is no string …).
 */
export type Problem = 'syntax' | 'utf8' | 'depth' | 'duplicate' | 'shape'

export type MessageKind = 'request' | 'notification' | 'response' | 'batch' | 'invalid'

/**
 * One JSON-RPC message as the bytes that came, in the pieces they came in, with its decisive fields located.
 * The bytes are never copied to make one; `pieces` are views into read buffers.
 */
export interface Message {
  readonly kind: MessageKind
  /** `null` unless kind is `invalid`. */
  readonly problem: Problem | null
  readonly pieces: readonly Buffer[]
  readonly byteLength: number
  /** A raw CR or LF stands between tokens (legal JSON, but it would end a line or an SSE field). */
  readonly hasLineBreaks: boolean
  /** Is a response with `error`. */
  readonly isError: boolean
  span(field: Field): Span | null
  /** The JSON text of the field as it stands, `"abc"` with its quotes; copies those bytes. */
  raw(field: Field): string | null
  /** The value when it is a JSON string, decoded; `null` when absent or of another type. */
  text(field: Field): string | null
}
