import { errorTable, McpoError } from '../../../errors.ts'
import type { Message } from '../../model.ts'
import { newestModern } from '../../revisions/index.ts'

const maxErrorBytes = 64 * 1024

/**
 * What a legacy client is told in place of an error that only the modern era has; null: the answer is none. There is nothing to do
 * for the URLElicitationRequiredError of 2025-11-25: a modern server has none, and asks its client instead.
 */
export function legacyErrorOf(answer: Message): McpoError | null {
  const span = answer.span('error')
  if (span === null || span.end - span.start > maxErrorBytes) return null
  const error = JSON.parse(answer.raw('error') ?? 'null') as Record<string, unknown> | null
  const { code, message, data } = error ?? {}
  const cause = typeof message === 'string' ? message.slice(0, 500) : ''
  if (code === errorTable.HEADER_MISMATCH.rpc)
    return new McpoError('TRANSPORT_ERROR', `The server refused the headers of the gateway: ${cause}`)
  if (code === errorTable.UNSUPPORTED_PROTOCOL.rpc)
    return new McpoError('TRANSPORT_ERROR', `The server refused the revision ${newestModern.version}: ${cause}`)
  return code === errorTable.MISSING_CAPABILITY.rpc ? missing(data) : null
}

function missing(data: unknown): McpoError {
  const required = (data as { requiredCapabilities?: unknown } | null | undefined)?.requiredCapabilities
  const names = typeof required === 'object' && required !== null ? Object.keys(required) : []
  return new McpoError('INVALID_REQUEST', `The server needs what this client did not declare: ${names.join(', ')}`, {
    hint: 'Use a client with these capabilities.',
    ...(names.length > 0 && { data: { requiredCapabilities: names } }),
  })
}
