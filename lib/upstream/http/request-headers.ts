import { encodeHeaderValue } from '../../protocol/bridge/param-headers.ts'
import type { Message } from '../../protocol/model.ts'
import { newestModern } from '../../protocol/revisions/index.ts'
import { nameOf } from '../../protocol/revisions/requests.ts'

const versionField = 'params._meta.io.modelcontextprotocol/protocolVersion'

export const accepts = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** A request of the modern era says its revision in itself. */
export function isModernRequest(message: Message): boolean {
  return message.kind === 'request' && message.span(versionField) !== null
}

/** The headers of a modern request, from its body alone; those of its params are in `tool-headers.ts`. */
export function modernHeaders(request: Message): Record<string, string> {
  const method = request.text('method') ?? ''
  const name = nameOf(newestModern, request)
  return {
    ...accepts,
    'mcp-protocol-version': encodeHeaderValue(request.text(versionField) ?? ''),
    'mcp-method': encodeHeaderValue(method),
    ...(name === null ? {} : { 'mcp-name': encodeHeaderValue(name) }),
  }
}
