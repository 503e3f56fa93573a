import { isObject, membersOf } from './json-walk.ts'
import type { Edit } from './message.ts'
import type { Message } from './model.ts'
import { sliceOf } from './pieces.ts'

const key = 'io.modelcontextprotocol/subscriptionId'
const maxResultBytes = 64 * 1024

/**
 * The result that ends a `subscriptions/listen` repeats the subscription's id in its `_meta`: these edits put `id` (JSON
 * text) there. None for another answer, or one too large to be such a result.
 */
export function endedSubscriptionEdits(answer: Message, id: string): Edit[] {
  const result = answer.span('result')
  if (result === null || result.end - result.start > maxResultBytes) return []
  const json = Buffer.concat(sliceOf(answer.pieces, result))
  if (!isObject(json, { start: 0, end: json.length })) return []
  const metas = [...membersOf(json, 0)].filter(({ key, value }) => key === '_meta' && isObject(json, value))
  const ids = metas.flatMap(({ value }) => [...membersOf(json, value.start)].filter((member) => member.key === key))
  return ids.map(({ value: { start, end } }) => ({
    span: { start: start + result.start, end: end + result.start },
    bytes: id,
  }))
}
