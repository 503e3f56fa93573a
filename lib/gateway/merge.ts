import { type ListElement, type ListKey, type ListResult, listElements } from '../protocol/lists.ts'
import type { Message } from '../protocol/model.ts'
import type { Outgoing } from '../upstream/model.ts'
import type { PageRef } from './cursor.ts'

/** One server's page of a list. */
export interface Page {
  readonly server: string
  readonly message: Message
  readonly list: ListResult
}

export interface MergeOptions {
  /** JSON text of the client's id. */
  readonly id: string
  readonly key: ListKey
  /** JSON members for the end of the result, with a comma before each: what the client's era asks for. */
  readonly tail: string
  /** An element's name or URI as the client is to see it. */
  nameOf(server: string, text: string): string
  /** The cursor for the pages that are still to come; null when there are none to come back for. */
  cursorFor(pages: readonly PageRef[]): string | null
  /** An element that is left out because one before it is shown under the same name. */
  onCollision(server: string, name: string): void
}

/** The member that each list method's result holds its elements in. */
export const listMethods: Readonly<Record<string, ListKey>> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'tasks/list': 'tasks',
}

/** Throws TRANSPORT_ERROR when the answer is no such list. */
export function pageOf(server: string, message: Message, key: ListKey): Page {
  return { server, message, list: listElements(message, key) }
}

/** One list from the pages of several servers. Each element's bytes stay as they came, but for its name or URI. */
export function mergePages(options: MergeOptions, pages: readonly Page[]): Outgoing {
  const { id, key, tail, nameOf, onCollision } = options
  const seen = new Set<string>()
  const pieces: Buffer[] = []
  for (const page of pages) {
    for (const element of page.list.elements) {
      const name = nameOf(page.server, element.text)
      if (seen.has(name)) {
        onCollision(page.server, name)
        continue
      }
      if (seen.size > 0) pieces.push(comma)
      seen.add(name)
      pieces.push(...renamed(element, name))
    }
  }
  const head = Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"${key}":[`)
  // One copy: thousands of small pieces cost more to write than to join.
  const bytes = Buffer.concat([head, ...pieces, Buffer.from(`]${nextCursor(options, pages)}${tail}}}`)])
  return { pieces: [bytes], hasLineBreaks: pages.some((page) => page.message.hasLineBreaks) }
}

const comma = Buffer.from(',')

function renamed({ bytes, span, key, text }: ListElement, name: string): Buffer[] {
  if (name === text) return [bytes]
  const before = bytes.subarray(0, key.start - span.start)
  return [before, Buffer.from(JSON.stringify(name)), bytes.subarray(key.end - span.start)]
}

function nextCursor({ cursorFor }: MergeOptions, pages: readonly Page[]): string {
  const more = pages.flatMap(({ server, list }) =>
    list.nextCursor === null ? [] : [{ server, cursor: list.nextCursor }],
  )
  const cursor = more.length === 0 ? null : cursorFor(more)
  return cursor === null ? '' : `,"nextCursor":"${cursor}"`
}
