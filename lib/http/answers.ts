import type { IncomingMessage, ServerResponse } from 'node:http'
import type { McpoError } from '../errors.ts'
import { errorMessage, rpcErrorOf } from '../protocol/jsonrpc.ts'

/** An error on a plain path: `{error, message}`, with a hint if there is one. */
export function answerError(response: ServerResponse, error: McpoError): void {
  const { code, message, hint } = error
  write(response, error, Buffer.from(JSON.stringify({ error: code, message, hint })))
}

/** An error on an MCP path: JSON-RPC, for the request with this id (JSON text), or for none. */
export function answerRpcError(response: ServerResponse, error: McpoError, id: string | null): void {
  write(response, error, errorMessage(id, rpcErrorOf(error)))
}

/** The values of all headers but these must not matter; `undefined`: absent. Singular by the guard. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function write(response: ServerResponse, error: McpoError, body: Buffer): void {
  if (response.headersSent || response.destroyed) return void response.end()
  // After a request that was not read to its end the connection cannot be used again.
  const connection = response.req.complete ? {} : { connection: 'close' }
  const allow = error.code === 'METHOD_NOT_ALLOWED' ? { allow: allowedBy(error) } : {}
  const headers = { 'content-type': 'application/json', 'content-length': body.length, ...connection, ...allow }
  response.writeHead(error.httpStatus, headers).end(body)
}

/** The methods that there are, for the header that a 405 must have. */
function allowedBy({ data }: McpoError): string {
  const methods: unknown = data?.['allow']
  return Array.isArray(methods) ? [...methods, 'OPTIONS'].join(', ') : 'POST'
}
