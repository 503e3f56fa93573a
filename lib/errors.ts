/**
 * Every error that leaves MCP-One, in one table. The code is for ever; the message is not.
 *
 * `http` is the status on plain HTTP paths, `rpc` the JSON-RPC code on MCP paths (outside the range the
 * specification reserves, -32768…-32000, unless the specification itself defines the code), `exit` the exit code
 * of a command that ends with it.
 */
export const errorTable = {
  SERVER_NOT_FOUND: { http: 404, rpc: -31404, exit: 1 },
  SANDBOX_ERROR: { http: 500, rpc: -31510, exit: 3 },
  TRANSPORT_ERROR: { http: 502, rpc: -31502, exit: 1 },
  AUTHENTICATION_ERROR: { http: 401, rpc: -31401, exit: 1 },
  AUTHORIZATION_ERROR: { http: 403, rpc: -31403, exit: 1 },
  CONFIG_ERROR: { http: 500, rpc: -31500, exit: 2 },
  TIMEOUT: { http: 504, rpc: -31504, exit: 1 },
  INVALID_REQUEST: { http: 400, rpc: -32600, exit: 2 },
  INTERNAL_ERROR: { http: 500, rpc: -32603, exit: 70 },
  IO_ERROR: { http: 500, rpc: -31501, exit: 1 },
  SERIALIZATION_ERROR: { http: 500, rpc: -31505, exit: 1 },
  PARSE_ERROR: { http: 400, rpc: -32700, exit: 2 },
  METHOD_NOT_FOUND: { http: 404, rpc: -32601, exit: 1 },
  INVALID_PARAMS: { http: 400, rpc: -32602, exit: 2 },
  HEADER_MISMATCH: { http: 400, rpc: -32020, exit: 1 },
  MISSING_CAPABILITY: { http: 400, rpc: -32021, exit: 1 },
  UNSUPPORTED_PROTOCOL: { http: 400, rpc: -32022, exit: 1 },
  /** For clients of revisions before 2026-07-28, which has INVALID_PARAMS instead. */
  RESOURCE_NOT_FOUND: { http: 404, rpc: -32002, exit: 1 },
  NOT_FOUND: { http: 404, rpc: -31404, exit: 1 },
  METHOD_NOT_ALLOWED: { http: 405, rpc: -32600, exit: 1 },
  NOT_ACCEPTABLE: { http: 406, rpc: -32600, exit: 1 },
  UNSUPPORTED_MEDIA_TYPE: { http: 415, rpc: -32600, exit: 1 },
  NOT_IMPLEMENTED: { http: 501, rpc: -32600, exit: 1 },
  TOO_LARGE: { http: 413, rpc: -31413, exit: 1 },
  TOO_MANY: { http: 503, rpc: -31503, exit: 1 },
} as const satisfies Record<string, { http: number; rpc: number; exit: number }>

export type ErrorCode = keyof typeof errorTable

export interface ErrorDetails {
  /** Facts for programs; sent as JSON-RPC `error.data` and in `--json` output. Never secrets. */
  data?: Record<string, unknown>
  /** What the reader can do next: one sentence. */
  hint?: string
  cause?: unknown
}

/** The one error class. `message` says what was expected and what came; `hint` says what to do next. */
export class McpoError extends Error {
  override readonly name = 'McpoError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly data: Record<string, unknown> | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.data = details.data
  }

  get httpStatus(): number {
    return errorTable[this.code].http
  }

  get rpcCode(): number {
    return errorTable[this.code].rpc
  }

  get exitCode(): number {
    return errorTable[this.code].exit
  }
}

/** Wraps whatever was thrown, so that callers handle one class. An unexpected throw is our fault: INTERNAL_ERROR. */
export function toMcpoError(thrown: unknown): McpoError {
  if (thrown instanceof McpoError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new McpoError('INTERNAL_ERROR', message, { cause: thrown })
}
