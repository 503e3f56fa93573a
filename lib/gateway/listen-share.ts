import { McpoError } from '../errors.ts'
import { parseMessage } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import { edited } from '../upstream/outgoing.ts'
import { type LocatedValue, smallParams, valuesIn } from './params.ts'

/** The lists in a filter whose entries belong to one server each. */
export const listNames = ['resourceSubscriptions', 'taskIds'] as const
export type ListName = (typeof listNames)[number]

const maxEntries = 1000

/** What an entry of such a list is at this server; null: nothing of this server's. */
export type OwnEntry = (list: ListName, entry: string) => string | null

/** What one server is asked of a client's `subscriptions/listen`. */
export interface Share {
  readonly request: Message
  /** What the client calls what the server acknowledges or tells of; undefined: the client did not ask for it. */
  asked(list: ListName, own: string): string | undefined
}

/** The strings of one of the lists. Throws INVALID_PARAMS for more than 1000. */
export function entriesOf(request: Message, list: ListName): string[] {
  return stringsOf(valuesIn(request, 'notifications', [list])[list])
}

/**
 * The part of a client's `subscriptions/listen` that concerns one server, in that server's own words; all else as it came. Null:
 * none of it does.
 */
export function shareOf(request: Message, scan: ScanChunk, ownEntry: OwnEntry): Share | null {
  const located = valuesIn(request, 'notifications', listNames)
  const names: Partial<Record<ListName, Map<string, string>>> = {}
  for (const list of listNames) {
    const entries = stringsOf(located[list]).map((entry) => [ownEntry(list, entry), entry] as const)
    names[list] = new Map(entries.flatMap(([own, entry]) => (own === null ? [] : [[own, entry]])))
  }
  const edits = listNames.flatMap((list) => {
    const value = located[list]
    return value === undefined ? [] : [{ span: value.span, bytes: JSON.stringify([...(names[list]?.keys() ?? [])]) }]
  })
  if (edits.length > 0 && listNames.every((list) => names[list]?.size === 0) && !asksForMore(request)) return null
  return {
    request: edits.length === 0 ? request : parseMessage(edited(request, edits).pieces, scan),
    asked: (list, own) => names[list]?.get(own),
  }
}

function stringsOf(located: LocatedValue | undefined): string[] {
  const value = located?.value
  if (!Array.isArray(value)) return []
  if (value.length > maxEntries)
    throw new McpoError('INVALID_PARAMS', `A filter may name ${maxEntries} resources or tasks, not ${value.length}`)
  return value.filter((entry) => typeof entry === 'string')
}

/** The filter has something that concerns every server. */
function asksForMore(request: Message): boolean {
  const filter = smallParams(request)['notifications'] as Record<string, unknown>
  return Object.entries(filter).some(([name, value]) => !listNames.some((list) => list === name) && value !== false)
}
