import { membersOf } from '../../json-walk.ts'
import type { Edit } from '../../message.ts'
import type { Message } from '../../model.ts'
import { sliceOf } from '../../pieces.ts'

/** `notifications` of `subscriptions/listen`: what a client wants to be told. */
export interface ListenFilter {
  readonly toolsListChanged?: true
  readonly promptsListChanged?: true
  readonly resourcesListChanged?: true
  readonly resourceSubscriptions?: readonly string[]
}

const subscriptionKey = 'io.modelcontextprotocol/subscriptionId'

/** Edits that make a notification of a subscription one of the legacy era, which knows no subscriptions. */
export function withoutSubscription(event: Message): Edit[] {
  const span = event.span('params._meta')
  if (span === null || event.span(`params._meta.${subscriptionKey}`) === null) return []
  const json = Buffer.concat(sliceOf(event.pieces, span))
  const kept = [...membersOf(json, 0)].filter(({ key }) => key !== subscriptionKey)
  const members = kept.map(
    ({ key, value }) => `${JSON.stringify(key)}:${json.toString('utf8', value.start, value.end)}`,
  )
  return [{ span, bytes: `{${members.join(',').replace(/[\r\n]/g, ' ')}}` }]
}

/** The changes of lists that a server with these capabilities can tell. */
export function listFilter(capabilities: Readonly<Record<string, unknown>>): ListenFilter {
  const changes = (name: string) => flag(capabilities[name], 'listChanged')
  return {
    ...(changes('tools') && { toolsListChanged: true }),
    ...(changes('prompts') && { promptsListChanged: true }),
    ...(changes('resources') && { resourcesListChanged: true }),
  }
}

/** Whether a server with these capabilities can tell that one resource changed. */
export function canSubscribe(capabilities: Readonly<Record<string, unknown>>): boolean {
  return flag(capabilities['resources'], 'subscribe')
}

function flag(capability: unknown, name: string): boolean {
  return (capability as Record<string, unknown> | null | undefined)?.[name] === true
}
