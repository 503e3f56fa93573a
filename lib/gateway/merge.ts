import { type ListKey, type ListResult, listElements } from '../protocol/lists.ts'
import type { Message } from '../protocol/model.ts'
import { sliceOf } from '../protocol/pieces.ts'
import type { Outgoing } from '../upstream/model.ts'
import { encodeCursor } from './cursor.ts'
import { publicName } from './names.ts'

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
}

/** The member that each list method's result holds its elements in. */
export const listMethods: Readonly<Record<string, ListKey>> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
}

const capabilities = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  resourceTemplates: 'resources',
} as const

/** The capability that a server must have to be asked for a list. */
export function capabilityOf(key: ListKey): string {
  return capabilities[key]
}

/** Throws TRANSPORT_ERROR when the answer is no such list. */
export function pageOf(server: string, message: Message, key: ListKey): Page {
  return { server, message, list: listElements(message, key) }
}

/**
 * One list from the pages of several servers. Each element's bytes stay as they came; only the names of tools and prompts
 * become public ones. Of resources that two servers list under one URI the first stays: only that one can be read.
 */
export function mergePages({ id, key, tail }: MergeOptions, pages: readonly Page[]): Outgoing {
  const seen = new Set<string>()
  const pieces: Buffer[] = []
  for (const page of pages) {
    for (const element of page.list.elements) {
      const name = key === 'tools' || key === 'prompts' ? publicName(page.server, element.text) : element.text
      if (seen.has(name)) continue
      if (seen.size > 0) pieces.push(comma)
      seen.add(name)
      pieces.push(...renamed(page.message, element, name))
    }
  }
  const head = Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"${key}":[`)
  // One copy: thousands of small pieces cost more to write than to join.
  const bytes = Buffer.concat([head, ...pieces, Buffer.from(`]${nextCursor(pages)}${tail}}}`)])
  return { pieces: [bytes], hasLineBreaks: pages.some((page) => page.message.hasLineBreaks) }
}

const comma = Buffer.from(',')

function renamed({ pieces }: Message, { span, key, text }: Page['list']['elements'][number], name: string): Buffer[] {
  if (name === text) return sliceOf(pieces, span)
  const before = sliceOf(pieces, { start: span.start, end: key.start })
  return [...before, Buffer.from(JSON.stringify(name)), ...sliceOf(pieces, { start: key.end, end: span.end })]
}

function nextCursor(pages: readonly Page[]): string {
  const more = pages.flatMap(({ server, list }) =>
    list.nextCursor === null ? [] : [{ server, cursor: list.nextCursor }],
  )
  return more.length === 0 ? '' : `,"nextCursor":"${encodeCursor(more)}"`
}
