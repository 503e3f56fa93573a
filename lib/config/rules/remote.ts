import { isLoopbackHost } from '../../policy/addresses.ts'
import { type Document, nameOf, valueAt } from '../document.ts'
import type { Path } from '../positions.ts'
import { at, cite, type Rule, serverPaths } from './rule.ts'

const localKeys = ['command', 'args', 'env', 'cwd', 'sandbox']
const remoteKeys = ['url', 'headers', 'allow_private']

/** A server with a `url` and no `type` speaks HTTP. */
export function isRemote(document: Document, server: Path): boolean {
  const type = valueAt(document.filled, [...server, 'type'])
  return type === undefined ? valueAt(document.filled, [...server, 'url']) !== undefined : type !== 'stdio'
}

export const remoteServerHasUrl: Rule = (document) =>
  serverPaths(document).flatMap((server) => {
    const path = [...server, 'url']
    if (!isRemote(document, server) || valueAt(document.filled, path) !== undefined) return []
    return [at(path, `${nameOf(document, path)} is missing: expected where the server is`)]
  })

/** A key of the other kind would have no effect, and somebody may rely on it: on a sandbox, for one. */
export const keysFitTheType: Rule = (document) =>
  serverPaths(document).flatMap((server) => {
    const isElsewhere = isRemote(document, server)
    const unfit = (isElsewhere ? localKeys : remoteKeys).filter(
      (key) => valueAt(document.filled, [...server, key]) !== undefined,
    )
    const why = isElsewhere ? 'is for servers that the gateway starts; this one has a url' : 'is for servers with a url'
    return unfit.map((key) => at([...server, key], `${nameOf(document, [...server, key])} ${why}`))
  })

export const sseIsLegacy: Rule = (document, places) =>
  serverPaths(document).flatMap((server) => {
    const type = [...server, 'type']
    const protocol = [...server, 'protocol']
    if (valueAt(document.filled, type) !== 'sse' || valueAt(document.filled, protocol) !== '2026-07-28') return []
    const both = `${cite(document, places, protocol)} disagrees with ${cite(document, places, type)}`
    return [at(protocol, `${both}; HTTP+SSE carries earlier revisions only`)]
  })

/** Headers carry secrets, and answers are believed: in the clear only where nobody else can listen, or by leave. */
export const remoteServerIsEncrypted: Rule = (document) =>
  serverPaths(document).flatMap((server) => {
    const path = [...server, 'url']
    const url = valueAt(document.filled, path)
    if (typeof url !== 'string' || !URL.canParse(url) || new URL(url).protocol !== 'http:') return []
    if (isLoopbackHost(new URL(url).hostname)) return []
    if (valueAt(document.filled, [...server, 'allow_private']) === true) return []
    const what = `${nameOf(document, path)} has no TLS, so that others could read and change what is said`
    return [at(path, `${what}; use https, or allow_private = true for a server in your own network`)]
  })
