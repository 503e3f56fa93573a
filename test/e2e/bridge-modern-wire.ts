/** A modern client on bare HTTP: each request with its envelope and headers. */
import { type Exchange, type Message, openStream, post, type Stream } from '../fixtures/wire.ts'

const prefix = 'io.modelcontextprotocol/'

export interface ModernRequest {
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly capabilities?: object
  /** More members for `_meta`. */
  readonly meta?: Record<string, unknown>
  readonly headers?: Record<string, string>
  readonly id?: string | number
}

export function messageOf({ method = 'tools/call', params = {}, capabilities = {}, meta = {}, id = 1 }: ModernRequest) {
  const envelope = { [`${prefix}protocolVersion`]: '2026-07-28', [`${prefix}clientCapabilities`]: capabilities }
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...envelope, ...meta } } }
}

export function headersOf({ method = 'tools/call', params = {}, headers = {} }: ModernRequest): Record<string, string> {
  const name = params['name'] ?? params['uri']
  const own = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }
  return { ...own, ...(typeof name === 'string' && { 'mcp-name': name }), ...headers }
}

export function ask(url: string, request: ModernRequest): Promise<Exchange> {
  return post(url, messageOf(request), headersOf(request))
}

/** What a request was answered with. */
export async function resultOf(url: string, request: ModernRequest): Promise<Message['result']> {
  return (await ask(url, request)).messages.at(-1)?.result
}

/** A request whose response is read message by message. */
export function open(url: string, request: ModernRequest): Promise<Stream> {
  return openStream(url, messageOf(request), headersOf(request))
}
