/** Players: clients in front of one server of whatever endpoint they are connected to. */
import { publicName } from '../../lib/gateway/names.ts'
import { aliasOf } from '../../lib/gateway/resource-alias.ts'
import type { ListMethod, Peer } from './peer.ts'
import type { Player } from './scripts.ts'

/** What an endpoint calls a server's names and URIs. */
export interface Naming {
  name(own: string): string
  uri(own: string, template?: string): string
  /** A text of the endpoint as the server wrote it. */
  own(text: string): string
}

export const asTheyAre: Naming = { name: (own) => own, uri: (own) => own, own: (text) => text }

/** On the endpoint of all servers. `shown`: the URIs and templates that it lists. */
export function namingOf(server: string, shown: ReadonlySet<string>): Naming {
  return {
    name: (own) => publicName(server, own),
    uri: (own, template = own) => (shown.has(aliasOf(server, template)) ? aliasOf(server, own) : own),
    own: (text) => text.replaceAll(aliasOf(server, ''), ''),
  }
}

/** How often something is done to cause an update: what toggles may have been on. */
const maxChanges = 4

export function playerOf(peer: Peer, id: string, files: string, { name, uri }: Naming): Player {
  return {
    peer,
    id,
    files,
    call: (tool, args = {}, options) => peer.call(name(tool), args, options),
    prompt: (prompt, args = {}) => peer.prompt(name(prompt), args),
    completePrompt: (prompt, argument, context) =>
      peer.complete({ ref: { type: 'ref/prompt', name: name(prompt) }, argument, ...(context && { context }) }),
    completeTemplate: (template, argument) =>
      peer.complete({ ref: { type: 'ref/resource', uri: uri(template) }, argument }),
    read: (own, template) => peer.read(uri(own, template)),
    async updateOf(own, change) {
      await peer.watch(uri(own))
      let told: unknown = null
      const update = peer
        .next(({ method, params }) => method === 'notifications/resources/updated' && params?.['uri'] === uri(own))
        .then(({ params }) => (told = params?.['uri']))
      for (let count = 0; count < maxChanges && told === null; count += 1) {
        await change()
        await Promise.race([update, new Promise((resolve) => setTimeout(resolve, 500))])
      }
      await update
      await peer.unwatch(uri(own))
      return told
    },
  }
}

const keyOf: Readonly<Record<ListMethod, string>> = {
  listTools: 'tools',
  listPrompts: 'prompts',
  listResources: 'resources',
  listResourceTemplates: 'resourceTemplates',
}
export const listMethods = Object.keys(keyOf) as ListMethod[]
const maxPages = 50

export type Element = Readonly<Record<string, unknown>>

/** All pages. A server without such a list has none. */
export async function listAll(peer: Peer, method: ListMethod): Promise<Element[]> {
  const elements: Element[] = []
  let cursor: string | undefined
  for (let page = 0; page < maxPages; page += 1) {
    const result = (await peer.list(method, cursor)) as Record<string, unknown>
    elements.push(...(result[keyOf[method]] as Element[]))
    cursor = result['nextCursor'] as string | undefined
    if (cursor === undefined) return elements
  }
  throw new Error(`${method} has more than ${maxPages} pages`)
}
