import { elementsOf, isArray, isObject, membersOf, stringAt } from './json-walk.ts'
import type { Message, Span } from './model.ts'
import { sliceOf } from './pieces.ts'

/** A URI in a message: where it stands, with its quotes, and what it says. */
export interface LocatedUri {
  readonly span: Span
  readonly uri: string
}

/** The URIs of the contents in an answer to `resources/read`; none where it is another answer. */
export function contentUris(answer: Message): LocatedUri[] {
  const result = answer.span('result')
  if (result === null) return []
  const json = Buffer.concat(sliceOf(answer.pieces, result))
  if (!isObject(json, { start: 0, end: json.length })) return []
  const located: LocatedUri[] = []
  for (const contents of valuesOf(json, 0, 'contents')) {
    if (!isArray(json, contents)) continue
    for (const element of elementsOf(json, contents.start)) {
      if (isObject(json, element)) located.push(...urisIn(json, element, result.start))
    }
  }
  return located
}

function urisIn(json: Buffer, element: Span, origin: number): LocatedUri[] {
  return valuesOf(json, element.start, 'uri').flatMap((value) => {
    const uri = stringAt(json, value)
    return uri === null ? [] : [{ uri, span: { start: value.start + origin, end: value.end + origin } }]
  })
}

function valuesOf(json: Buffer, start: number, name: string): Span[] {
  return [...membersOf(json, start)].filter(({ key }) => key === name).map(({ value }) => value)
}
