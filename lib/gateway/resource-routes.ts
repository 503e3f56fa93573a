const maxRoutes = 10_000

/** Which server has which resource, as far as its lists have told. The first server that lists a URI has it. */
export class ResourceRoutes {
  /** Every server's lists were read to their end since a list last changed. */
  complete = false
  private readonly uris = new Map<string, string>()
  private readonly templates = new Map<string, { readonly server: string; readonly literals: readonly string[] }>()

  addUri(server: string, uri: string): void {
    if (this.uris.size < maxRoutes && !this.uris.has(uri)) this.uris.set(uri, server)
  }

  addTemplate(server: string, template: string): void {
    if (this.templates.size >= maxRoutes || this.templates.has(template)) return
    this.templates.set(template, { server, literals: template.split(expression) })
  }

  /** Listed, or made by a listed template; null: ask the servers. */
  find(uri: string): string | null {
    const listed = this.uris.get(uri)
    if (listed !== undefined) return listed
    for (const { server, literals } of this.templates.values()) if (matches(uri, literals)) return server
    return null
  }

  /** The server that a template itself belongs to. */
  ofTemplate(template: string): string | null {
    return this.templates.get(template)?.server ?? null
  }

  /** A server's lists changed: what was learnt from them no longer counts. */
  forget(server: string): void {
    this.complete = false
    for (const [uri, owner] of this.uris) if (owner === server) this.uris.delete(uri)
    for (const [template, route] of this.templates) if (route.server === server) this.templates.delete(template)
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
