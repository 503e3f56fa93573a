import { aliasOf, looksLikeAlias, splitAlias } from './resource-alias.ts'

const maxRoutes = 10_000
/** Links that are remembered; a new one takes the place of the oldest. */
const maxLinks = 1000
const maxPrincipals = 256
/** A longer URI is not remembered: whose it is the servers are asked. */
const maxUriLength = 8 * 1024

/** Whose a URI is, and what its server calls it. */
export interface ResourceTarget {
  readonly server: string
  readonly uri: string
}

/**
 * Which server has which resource, as far as its lists have told. The first server that lists a URI has it under its own
 * name; what another server lists under the same one is shown, read and subscribed to as `mcpo:server/uri`. Templates alike.
 * What no list shows belongs to the first server that linked to it: a client that follows a link comes to whoever gave it.
 */
export class ResourceRoutes {
  /** Every server's lists were read to their end since a list last changed. */
  complete = false
  private readonly uris = new Map<string, string>()
  private readonly templates = new Map<string, { readonly server: string; readonly literals: readonly string[] }>()
  private readonly links = new Map<string, string>()
  /** URIs and templates that more than one server listed: whose they are does not change any more. */
  private readonly shared = new Set<string>()

  /** False when it is another server's already. */
  addUri(server: string, uri: string): boolean {
    const owner = this.uris.get(uri) ?? this.links.get(uri)
    if (!this.uris.has(uri) && this.hasRoom(this.uris, uri)) this.uris.set(uri, owner ?? server)
    return this.settle(owner ?? server, server, uri)
  }

  /** False when it is another server's already. */
  addTemplate(server: string, template: string): boolean {
    const owner = this.templates.get(template)
    if (owner === undefined && this.hasRoom(this.templates, template)) {
      this.templates.set(template, { server, literals: template.split(expression) })
    }
    return this.settle(owner?.server ?? server, server, template)
  }

  /** A server's URI, or template, as clients see it. */
  shown(server: string, uri: string): string {
    const owner = this.uris.get(uri) ?? this.templates.get(uri)?.server ?? this.unlistedOwner(uri) ?? server
    return owner === server && !looksLikeAlias(uri) ? uri : aliasOf(server, uri)
  }

  /** As `shown`, for a URI that a server gave a client to follow: remembered when no list shows it. */
  linked(server: string, uri: string): string {
    if (!looksLikeAlias(uri) && !this.uris.has(uri) && this.unlistedOwner(uri) === undefined) this.remember(server, uri)
    return this.shown(server, uri)
  }

  /** An alias, listed, linked to, or made by a listed template; null: ask the servers. */
  find(uri: string): ResourceTarget | null {
    const alias = splitAlias(uri)
    if (alias !== null) return alias
    const listed = this.uris.get(uri)
    const server = listed ?? this.unlistedOwner(uri)
    return server === undefined ? null : { server, uri }
  }

  /** The server that a template itself belongs to. */
  ofTemplate(template: string): ResourceTarget | null {
    const alias = splitAlias(template)
    if (alias !== null) return alias
    const route = this.templates.get(template)
    return route === undefined ? null : { server: route.server, uri: template }
  }

  /** A server's lists changed: what was learnt from them no longer counts. What is shared keeps its owner. */
  forget(server: string): void {
    this.complete = false
    for (const [uri, owner] of this.uris) if (owner === server && !this.shared.has(uri)) this.uris.delete(uri)
    for (const [template, route] of this.templates) {
      if (route.server === server && !this.shared.has(template)) this.templates.delete(template)
    }
  }

  private unlistedOwner(uri: string): string | undefined {
    const linked = this.links.get(uri)
    if (linked !== undefined) return linked
    for (const { server, literals } of this.templates.values()) if (matches(uri, literals)) return server
    return undefined
  }

  private remember(server: string, uri: string): void {
    if (uri.length > maxUriLength) return
    this.links.set(uri, server)
    const [oldest] = this.links.keys()
    if (this.links.size > maxLinks && oldest !== undefined) this.links.delete(oldest)
  }

  private hasRoom(routes: { readonly size: number }, uri: string): boolean {
    return routes.size < maxRoutes && uri.length <= maxUriLength
  }

  private settle(owner: string, server: string, uri: string): boolean {
    if (owner !== server && this.hasRoom(this.shared, uri)) this.shared.add(uri)
    return owner === server
  }
}

/** The routes of clients without sessions. A principal that was not seen for long makes room. */
export class RoutesByPrincipal {
  private readonly routes = new Map<string, ResourceRoutes>()

  of(principal: string): ResourceRoutes {
    const routes = this.routes.get(principal) ?? new ResourceRoutes()
    this.routes.delete(principal)
    this.routes.set(principal, routes)
    const [oldest] = this.routes.keys()
    if (this.routes.size > maxPrincipals && oldest !== undefined) this.routes.delete(oldest)
    return routes
  }
}

const expression = /\{[^{}]*\}/

/** Does the text hold these literals in order, from its start to its end? Anything may stand between them. No back-tracking. */
function matches(uri: string, literals: readonly string[]): boolean {
  const [first = '', ...rest] = literals
  const last = rest.pop()
  if (last === undefined) return uri === first
  if (!uri.startsWith(first) || !uri.endsWith(last)) return false
  let at = first.length
  for (const literal of rest) {
    const found = uri.indexOf(literal, at)
    if (found < 0) return false
    at = found + literal.length
  }
  return at <= uri.length - last.length
}
