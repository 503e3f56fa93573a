import { McpoError, toMcpoError } from '../errors.ts'
import { taskLinkPaths } from '../protocol/contents.ts'
import type { Renaming } from '../protocol/renaming.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { KnownServer } from '../upstream/upstreams.ts'
import { entriesOf, type OwnEntry, type Share, shareOf } from './listen-share.ts'
import { Listening } from './listening.ts'
import type { Inbound } from './model.ts'
import type { ModernWays } from './modern-ways.ts'
import type { ResourceRoutes } from './resource-routes.ts'
import { taskNames } from './task-names.ts'

/** A modern client's `subscriptions/listen`, where the client has other names for things than the servers. */
export class ModernListen {
  private readonly ways: ModernWays
  private readonly scan: ScanChunk

  constructor(ways: ModernWays, scan: ScanChunk) {
    this.ways = ways
    this.scan = scan
  }

  /** To each of these servers. `routes`: null where the servers' URIs are the client's. */
  async listen(inbound: Inbound, servers: readonly KnownServer[], routes: ResourceRoutes | null): Promise<void> {
    if (servers.length === 0) throw new McpoError('TRANSPORT_ERROR', 'No server is ready')
    const listening = new Listening(inbound, this.scan, servers.length)
    const listen = (one: KnownServer) =>
      this.listenTo(one, inbound, routes, listening).catch((thrown) => listening.failed(toMcpoError(thrown)))
    await Promise.all(servers.map(listen))
  }

  private async listenTo(
    { server, facts }: KnownServer,
    inbound: Inbound,
    routes: ResourceRoutes | null,
    listening: Listening,
  ): Promise<void> {
    const tasks = taskNames(inbound.endpoint, server.settings, inbound.principal.id)
    const mayHave = facts.capabilities['resources'] !== undefined
    const ownUri = ownUris(server.name, mayHave, routes)
    const ownEntry: OwnEntry = (list, entry) => {
      if (list === 'resourceSubscriptions') return ownUri(entry)
      return tasks === null ? entry : tasks.own(entry)
    }
    const share = shareOf(inbound.message, this.scan, ownEntry)
    if (share === null) return listening.unconcerned()
    const way = await this.ways.to(server, inbound.principal)
    listening.listen(way, share, [...uriRenamings(server.name, share, routes), ...(tasks?.eventRenamings ?? [])])
  }
}

/** Does the client listen to tasks? */
export function listensToTasks(inbound: Inbound): boolean {
  return entriesOf(inbound.message, 'taskIds').length > 0
}

/** A URI as this server calls it; null: it is another's, or this server has no resources. What nobody lists may be anybody's. */
function ownUris(server: string, mayHave: boolean, routes: ResourceRoutes | null): (uri: string) => string | null {
  return (uri) => {
    const target = routes?.find(uri) ?? null
    if (target === null) return mayHave ? uri : null
    return target.server === server ? target.uri : null
  }
}

function uriRenamings(server: string, share: Share, routes: ResourceRoutes | null): Renaming[] {
  if (routes === null) return []
  const linked = (uri: string) => routes.linked(server, uri)
  return [
    { paths: [['params', 'uri']], shown: (uri) => share.asked('resourceSubscriptions', uri) ?? linked(uri) },
    { paths: taskLinkPaths, shown: linked },
  ]
}
