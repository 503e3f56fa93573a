import type { McpoError } from '../errors.ts'

/**
 * Small JSON-RPC messages of our own, as one line of bytes without the newline. `id` is JSON text as it came, `"a"` with its
 * quotes or `7`; values are made JSON here.
 */
export function requestMessage(id: string, method: string, params?: unknown): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)}${paramsText(params)}}`)
}

export function notificationMessage(method: string, params?: unknown): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}${paramsText(params)}}`)
}

export function resultMessage(id: string, result: unknown): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`)
}

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** `id` is `null` when the message that failed had none that was understood. */
export function errorMessage(id: string | null, error: RpcError): Buffer {
  const { code, message, data } = error
  return Buffer.from(`{"jsonrpc":"2.0","id":${id ?? 'null'},"error":${JSON.stringify({ code, message, data })}}`)
}

/** The error as its caller may see it: code, message, hint and data; never the cause. */
export function rpcErrorOf(error: McpoError): RpcError {
  const data = error.hint === undefined ? error.data : { ...error.data, hint: error.hint }
  return { code: error.rpcCode, message: error.message, ...(data === undefined ? {} : { data }) }
}

function paramsText(params: unknown): string {
  return params === undefined ? '' : `,"params":${JSON.stringify(params)}`
}
