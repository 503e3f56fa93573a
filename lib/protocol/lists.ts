import { McpoError } from '../errors.ts'
import { elementsOf, isArray, isObject, membersOf, stringAt } from './json-walk.ts'
import type { Message, Span } from './model.ts'
import { bytesOf } from './pieces.ts'

/** The member of a list result that holds the elements, and the key that identifies an element there. */
export const listKeys = {
  tools: 'name',
  prompts: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
  tasks: 'taskId',
} as const

/** The most elements that one page of a list may have. */
export const MAX_LIST_ELEMENTS = 50_000

export type ListKey = keyof typeof listKeys

/** One element. Spans count from the message's first byte, as those of a `Message` do. */
export interface ListElement {
  readonly span: Span
  /** Its bytes in one buffer: views of the list's, which is joined once and not for each element. */
  readonly bytes: Buffer
  /** Where the identifying string stands, with its quotes, and what it says. */
  readonly key: Span
  readonly text: string
}

export interface ListResult {
  readonly elements: readonly ListElement[]
  readonly nextCursor: string | null
}

/**
 * The elements of a list result, located but not parsed. The message is a valid response with `result`. A result that is
 * no such list or too long a one, an element without its identifying string, or one of the decisive keys twice in its object, is refused with
 * TRANSPORT_ERROR: the server sent it. No list at all (some servers leave an empty one out) is an empty list.
 */
export function listElements(message: Message, list: ListKey): ListResult {
  const result = message.span('result')
  if (message.kind !== 'response' || result === null) throw refused('it is no result')
  const json = bytesOf(message.pieces, result)
  if (!isObject(json, { start: 0, end: json.length })) throw refused('the result is no object')
  const { [list]: elements, nextCursor } = uniqueMembers(json, 0, [list, 'nextCursor'])
  return {
    elements: elements === undefined ? [] : elementsIn(json, elements, list, result.start),
    nextCursor: nextCursor === undefined ? null : stringAt(json, nextCursor),
  }
}

function elementsIn(json: Buffer, array: Span, list: ListKey, origin: number): ListElement[] {
  if (!isArray(json, array)) throw refused(`"${list}" is no array`)
  const located: ListElement[] = []
  for (const element of elementsOf(json, array.start)) {
    if (located.length === MAX_LIST_ELEMENTS) throw refused(`it has more than ${MAX_LIST_ELEMENTS} elements`)
    located.push(elementAt(json, element, listKeys[list], origin))
  }
  return located
}

function elementAt(json: Buffer, element: Span, name: string, origin: number): ListElement {
  const key = isObject(json, element) ? uniqueMembers(json, element.start, [name])[name] : undefined
  const text = key === undefined ? null : stringAt(json, key)
  if (key === undefined || text === null) throw refused(`an element has no string "${name}"`)
  const bytes = json.subarray(element.start, element.end)
  return { span: shifted(element, origin), bytes, key: shifted(key, origin), text }
}

function uniqueMembers(json: Buffer, start: number, names: readonly string[]): Record<string, Span | undefined> {
  const found: Record<string, Span | undefined> = Object.create(null)
  for (const { key, value } of membersOf(json, start)) {
    if (!names.includes(key)) continue
    if (found[key] !== undefined) throw refused(`"${key}" stands there twice`)
    found[key] = value
  }
  return found
}

function shifted(span: Span, by: number): Span {
  return { start: span.start + by, end: span.end + by }
}

function refused(reason: string): McpoError {
  return new McpoError('TRANSPORT_ERROR', `A server answered with a list that cannot be used: ${reason}.`)
}
