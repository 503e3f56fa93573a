import type { Message } from '../../model.ts'
import { isRecord } from '../../records.ts'

/** URLElicitationRequiredError of 2025-11-25. The modern era has no such error: there a server asks in a result. */
const urlElicitationRequired = -32042
const maxErrorBytes = 1024 * 1024

/**
 * What a server has asked by an error: entries of `inputRequests`, JSON text in one line each, that stand for the URLs which a
 * person has to visit before the request is sent again. Empty for any other answer, and for such an error that makes no sense.
 */
export function urlsRequired(answer: Message): string[] {
  const span = answer.span('error')
  if (span === null || span.end - span.start > maxErrorBytes) return []
  const { code, data } = JSON.parse(answer.raw('error') ?? '{}') as { code?: unknown; data?: unknown }
  const asked = isRecord(data) ? data['elicitations'] : null
  if (code !== urlElicitationRequired || !Array.isArray(asked) || !asked.every(isForUrl)) return []
  return asked.map((params) => JSON.stringify({ method: 'elicitation/create', params }))
}

function isForUrl(params: unknown): boolean {
  return isRecord(params) && params['mode'] === 'url' && typeof params['url'] === 'string'
}
