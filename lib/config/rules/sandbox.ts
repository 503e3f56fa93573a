import { valueAt } from '../document.ts'
import type { Path } from '../positions.ts'
import { authTypeOf, authTypePath } from './auth.ts'
import { isRemote } from './remote.ts'
import { at, cite, type Rule, serverPaths } from './rule.ts'

const switchPath: Path = ['features', 'sandbox']

/** Running without a sandbox is said per server: the switch alone takes it from nobody. */
export const switchAgreesWithServers: Rule = (document, places) => {
  if (valueAt(document.filled, switchPath) !== false) return []
  return serverPaths(document).flatMap((server) => {
    const path = [...server, 'sandbox', 'enabled']
    if (isRemote(document, server) || valueAt(document.filled, path) === false) return []
    const both = `${cite(document, places, path, true)} disagrees with ${cite(document, places, switchPath)}`
    return [at(path, `${both}; write enabled = false for each server that shall run without a sandbox`)]
  })
}

export const typeNoneMeansDisabled: Rule = (document, places) =>
  serverPaths(document).flatMap((server) => {
    const path = [...server, 'sandbox', 'type']
    const enabled = [...server, 'sandbox', 'enabled']
    if (valueAt(document.filled, path) !== 'none' || valueAt(document.filled, enabled) === false) return []
    const both = `${cite(document, places, path)} disagrees with ${cite(document, places, enabled, true)}`
    return [at(path, `${both}; write enabled = false to run without a sandbox`)]
  })

/** On the host's network a server can call this gateway, and with it every other server. */
export const hostNetworkNeedsAuth: Rule = (document, places) =>
  serverPaths(document).flatMap((server) => {
    const network = [...server, 'sandbox', 'network']
    if (valueAt(document.filled, network) !== 'host' || authTypeOf(document) !== 'none') return []
    if (valueAt(document.filled, [...server, 'sandbox', 'allow_gateway_access']) === true) return []
    const type = cite(document, places, authTypePath(document), 'none')
    const what = `${cite(document, places, network)} lets the server call this gateway, by ${type}`
    return [at(network, `${what}; set auth.type = "static" with a token, or allow_gateway_access = true beside it`)]
  })

/** What a server sends on the host's own network does not pass the gateway: nobody counts it. */
export const hostNetworkHasNoTraffic: Rule = (document, places) =>
  serverPaths(document).flatMap((server) => {
    const network = [...server, 'sandbox', 'network']
    if (valueAt(document.filled, network) !== 'host') return []
    return ['max_upload_mb', 'max_download_mb'].flatMap((key) => {
      const path = [...server, 'sandbox', key]
      if (valueAt(document.filled, path) === undefined) return []
      const both = `${cite(document, places, path)} cannot be held beside ${cite(document, places, network)}`
      return [at(path, `${both}; list the destinations in network, or leave it out`)]
    })
  })
