import { contentPaths, linkPaths } from '../../protocol/contents.ts'
import type { Renaming } from '../../protocol/renaming.ts'
import type { ResourceRoutes } from '../resource-routes.ts'

/** Links in what a server says: whoever follows one on `/mcp` must come to the same server. */
export function linkRenaming(routes: ResourceRoutes, server: string): Renaming {
  return { paths: linkPaths, shown: (uri) => routes.linked(server, uri) }
}

/** The contents of a resource that the client knows as an alias. */
export function contentRenaming(routes: ResourceRoutes, server: string): Renaming {
  return { paths: contentPaths, shown: (uri) => routes.shown(server, uri) }
}
