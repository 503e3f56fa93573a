import type { Message } from '../protocol/model.ts'
import { type Era, isModernVersion } from '../protocol/revisions/index.ts'
import type { Claims } from './model.ts'

/**
 * Which protocol a client speaks. The body decides: a revision in `_meta` is modern, `initialize` without one is legacy. The
 * header decides only where the body says nothing.
 */
export function eraOf(message: Message, claims: Claims): Era {
  if (message.span('params._meta.io.modelcontextprotocol/protocolVersion') !== null) return 'modern'
  if (message.kind === 'request' && message.text('method') === 'initialize') return 'legacy'
  return claims.protocolVersion !== undefined && isModernVersion(claims.protocolVersion) ? 'modern' : 'legacy'
}
