import { insertInto, objectAt } from '../../members.ts'
import type { Edit } from '../../message.ts'
import type { Message } from '../../model.ts'
import { isRecord } from '../../records.ts'

export const subscriptionIdKey = 'io.modelcontextprotocol/subscriptionId'
export const acknowledged = 'notifications/subscriptions/acknowledged'

const maxResources = 1000

/** What `subscriptions/listen` asks for, or is granted. */
export interface Filter {
  readonly toolsListChanged?: true
  readonly promptsListChanged?: true
  readonly resourcesListChanged?: true
  readonly resourceSubscriptions?: readonly string[]
}

const listFlags = {
  'notifications/tools/list_changed': 'toolsListChanged',
  'notifications/prompts/list_changed': 'promptsListChanged',
  'notifications/resources/list_changed': 'resourcesListChanged',
} as const

/** What of a filter (parsed JSON of any kind) a server with these capabilities can give. At most 1000 resources. */
export function grantable(filter: unknown, capabilities: Readonly<Record<string, unknown>>): Filter {
  const asked = isRecord(filter) ? filter : {}
  const has = (name: string, flag: string) => {
    const capability = capabilities[name]
    return isRecord(capability) && capability[flag] === true
  }
  const lists = (['tools', 'prompts', 'resources'] as const).filter(
    (name) => asked[`${name}ListChanged`] === true && has(name, 'listChanged'),
  )
  const uris = asked['resourceSubscriptions']
  const wanted = Array.isArray(uris) ? [...new Set(uris.filter((uri) => typeof uri === 'string'))] : []
  return {
    ...Object.fromEntries(lists.map((name) => [`${name}ListChanged`, true])),
    ...(wanted.length > 0 && has('resources', 'subscribe')
      ? { resourceSubscriptions: wanted.slice(0, maxResources) }
      : {}),
  }
}

/** Does the filter let a server's notification through? */
export function isGranted(filter: Filter, notification: Message): boolean {
  const method = notification.text('method') ?? ''
  if (Object.hasOwn(listFlags, method)) return filter[listFlags[method as keyof typeof listFlags]] === true
  const uri = notification.text('params.uri')
  return (
    method === 'notifications/resources/updated' && uri !== null && isBelow(filter.resourceSubscriptions ?? [], uri)
  )
}

/** Puts the id of a subscription (JSON text) into a notification. */
export function taggedEdits(notification: Message, id: string): Edit[] {
  const tag = `"${subscriptionIdKey}":${id}`
  const metaSpan = notification.span('params._meta')
  const meta = metaSpan === null ? null : objectAt(notification, metaSpan)
  if (meta !== null) return [insertInto(meta, tag)]
  const span = notification.span('params')
  const params = span === null ? null : objectAt(notification, span)
  if (params !== null) return [insertInto(params, `"_meta":{${tag}}`)]
  const method = notification.span('method')
  if (method === null || span !== null) return []
  return [{ span: { start: method.end, end: method.end }, bytes: `,"params":{"_meta":{${tag}}}` }]
}

/** A server may tell of a part of what was subscribed to. */
function isBelow(subscribed: readonly string[], uri: string): boolean {
  return subscribed.some((whole) => uri === whole || uri.startsWith(whole.endsWith('/') ? whole : `${whole}/`))
}
