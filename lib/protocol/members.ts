import { isObject, type Member, membersOf } from './json-walk.ts'
import type { Edit } from './message.ts'
import type { Message, Span } from './model.ts'
import { bytesOf, textOf } from './pieces.ts'

/** An object inside a message, its members located. Spans count from the message's first byte. */
export interface LocatedObject {
  readonly span: Span
  readonly members: readonly Member[]
}

/** The object at `span` of a message that was found to be valid; null when there is another value. Walks all its bytes. */
export function objectAt(message: Pick<Message, 'pieces'>, span: Span): LocatedObject | null {
  const json = bytesOf(message.pieces, span)
  if (!isObject(json, { start: 0, end: json.length })) return null
  const by = span.start
  const members = [...membersOf(json, 0)].map(({ key, start, value }) => ({
    key,
    start: start + by,
    value: { start: value.start + by, end: value.end + by },
  }))
  return { span, members }
}

/** The member of that name; of two the last, as most readers have it. */
export function memberOf(object: LocatedObject, name: string): Member | undefined {
  return object.members.findLast(({ key }) => key === name)
}

/** The JSON text of a value, without line breaks: in valid JSON these stand between tokens only. */
export function lineAt(message: Pick<Message, 'pieces'>, span: Span): string {
  return textOf(message.pieces, span).replace(/[\r\n]/g, ' ')
}

/** Puts members (JSON text, comma-separated) at the front of an object. */
export function insertInto({ span, members }: LocatedObject, text: string): Edit {
  const at = span.start + 1
  return { span: { start: at, end: at }, bytes: members.length === 0 ? text : `${text},` }
}

/** Takes members out of an object, each with one comma. */
export function without({ members }: LocatedObject, isUnwanted: (key: string) => boolean): Edit[] {
  const lastKept = members.findLastIndex(({ key }) => !isUnwanted(key))
  const edits: Edit[] = []
  for (const [index, { key, start }] of members.entries()) {
    const next = members[index + 1]
    if (index < lastKept && next !== undefined && isUnwanted(key)) edits.push(removal(start, next.start))
  }
  const first = members[lastKept + 1]
  const last = members.at(-1)
  if (first !== undefined && last !== undefined) {
    edits.push(removal(members[lastKept]?.value.end ?? first.start, last.value.end))
  }
  return edits
}

function removal(start: number, end: number): Edit {
  return { span: { start, end }, bytes: '' }
}
