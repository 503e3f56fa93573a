import { insertInto, type LocatedObject, lineAt, memberOf, objectAt } from '../../members.ts'
import type { Edit } from '../../message.ts'
import type { Message } from '../../model.ts'
import { isRecord } from '../../records.ts'
import { newestLegacy, newestModern } from '../../revisions/index.ts'
import { requiredMembers } from '../../revisions/results.ts'

export const serverInfoKey = 'io.modelcontextprotocol/serverInfo'

/** An error longer than this is passed on as it is. */
const maxErrorBytes = 64 * 1024

/** What makes an earlier server's answer to `method` a modern one. `serverInfo`: how the server introduces itself. */
export function modernAnswerEdits(answer: Message, method: string, serverInfo: object | null): Edit[] {
  return answer.isError ? errorEdits(answer) : resultEdits(answer, method, serverInfo)
}

/** The code of an error answer as a modern client will see it; null for a result. */
export function modernErrorCode(answer: Message): number | null {
  const code = errorCode(answer)
  return code === newestLegacy.unknownResource ? newestModern.unknownResource : code
}

/** Is it the result of a tool that failed? */
export function isFailure(answer: Message): boolean {
  if (answer.isError) return true
  const span = answer.span('result')
  const result = span === null ? null : objectAt(answer, span)
  const isError = result === null ? undefined : memberOf(result, 'isError')
  return isError !== undefined && lineAt(answer, isError.value) === 'true'
}

function resultEdits(answer: Message, method: string, serverInfo: object | null): Edit[] {
  const span = answer.span('result')
  const result = span === null ? null : objectAt(answer, span)
  if (result === null) return []
  const info = serverInfo === null ? null : `"${serverInfoKey}":${JSON.stringify(serverInfo)}`
  // How long it may be kept is not known: what an earlier server answers may change at any time.
  const required = Object.entries(requiredMembers(newestModern, method))
  const added = [
    ...required.flatMap(([name, value]) => absent(result, name, JSON.stringify(value))),
    ...(info === null ? [] : absent(result, '_meta', `{${info}}`)),
  ]
  const edits = added.length === 0 ? [] : [insertInto(result, added.join(','))]
  const member = memberOf(result, '_meta')
  const meta = member === undefined ? null : objectAt(answer, member.value)
  const isMissing = meta !== null && memberOf(meta, serverInfoKey) === undefined
  return isMissing && info !== null ? [...edits, insertInto(meta, info)] : edits
}

/** The member's text, unless the object has such a member. */
function absent(object: LocatedObject, name: string, value: string): string[] {
  return memberOf(object, name) === undefined ? [`"${name}":${value}`] : []
}

function errorEdits(answer: Message): Edit[] {
  const span = answer.span('error')
  if (span === null || errorCode(answer) !== newestLegacy.unknownResource) return []
  const error = objectAt(answer, span)
  const code = error === null ? undefined : memberOf(error, 'code')
  return code === undefined ? [] : [{ span: code.value, bytes: String(newestModern.unknownResource) }]
}

function errorCode(answer: Message): number | null {
  const span = answer.span('error')
  if (span === null || span.end - span.start > maxErrorBytes) return null
  const error: unknown = JSON.parse(answer.raw('error') ?? 'null')
  return isRecord(error) && typeof error['code'] === 'number' ? error['code'] : null
}
