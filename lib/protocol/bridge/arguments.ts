import { McpoError } from '../../errors.ts'
import { isObject, membersOf } from '../json-walk.ts'
import type { Message, Span } from '../model.ts'
import { sliceOf } from '../pieces.ts'

/** A longer value could not be repeated in a header. */
const maxValueBytes = 64 * 1024

/**
 * The values at these paths (from `params.arguments` on) of a `tools/call`, parsed one by one: the body itself is not. Absent
 * is undefined, and so is an object or array. Throws INVALID_REQUEST for a key on the way that stands there twice, since the
 * server might read the other one, and TOO_LARGE for a value of more than 64 KiB.
 */
export function argumentsAt(call: Message, paths: readonly (readonly string[])[]): unknown[] {
  const span = call.span('params')
  if (span === null) return paths.map(() => undefined)
  const params = Buffer.concat(sliceOf(call.pieces, span))
  const all = valueAt(params, { start: 0, end: params.length }, ['arguments'])
  return paths.map((path) => {
    const value = all === null ? null : valueAt(params, all, path)
    return value === null ? undefined : scalarAt(params, value)
  })
}

function valueAt(json: Buffer, from: Span, path: readonly string[]): Span | null {
  let at = from
  for (const key of path) {
    const found = isObject(json, at) ? memberOf(json, at, key) : null
    if (found === null) return null
    at = found
  }
  return at
}

function memberOf(json: Buffer, object: Span, wanted: string): Span | null {
  let found: Span | null = null
  for (const { key, value } of membersOf(json, object.start)) {
    if (key !== wanted) continue
    if (found !== null)
      throw new McpoError('INVALID_REQUEST', `${JSON.stringify(key)} stands twice in the call's params`)
    found = value
  }
  return found
}

function scalarAt(json: Buffer, { start, end }: Span): unknown {
  if (end - start > maxValueBytes) {
    throw new McpoError('TOO_LARGE', `A param that a header repeats may have ${maxValueBytes} bytes`)
  }
  const value: unknown = JSON.parse(json.toString('utf8', start, end))
  return typeof value === 'object' && value !== null ? undefined : value
}
