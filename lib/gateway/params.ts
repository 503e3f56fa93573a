import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'

const maxBytes = 64 * 1024

/** The params of a small request, parsed; an empty object when it has none. For methods off the hot path only. */
export function smallParams(request: Message): Record<string, unknown> {
  const span = request.span('params')
  if (span === null) return {}
  if (span.end - span.start > maxBytes) throw new McpoError('TOO_LARGE', `The params may have ${maxBytes} bytes here`)
  const params: unknown = JSON.parse(request.raw('params') ?? '{}')
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new McpoError('INVALID_PARAMS', 'The params must be an object')
  }
  return params as Record<string, unknown>
}

/** JSON text of the params as they came, without line breaks: in valid JSON these stand between tokens only. */
export function paramsLine(request: Message): string {
  const raw = request.raw('params') ?? '{}'
  return request.hasLineBreaks ? raw.replace(/[\r\n]/g, ' ') : raw
}
