/** The scheme of URIs that the gateway gives to what several servers call the same. */
const scheme = 'mcpo:'

/** `mcpo:server/uri`: the server's own URI stands in it as it is, so that nothing but the alias is needed to take it apart. */
export function aliasOf(server: string, uri: string): string {
  return `${scheme}${server}/${uri}`
}

/** A server's own URI of this kind would be taken for an alias: it never goes to a client without being one. */
export function looksLikeAlias(uri: string): boolean {
  return uri.startsWith(scheme)
}

/** Null: it is no alias. The server named in it need not exist. */
export function splitAlias(uri: string): { readonly server: string; readonly uri: string } | null {
  const slash = uri.indexOf('/')
  if (!looksLikeAlias(uri) || slash < 0) return null
  return { server: uri.slice(scheme.length, slash), uri: uri.slice(slash + 1) }
}
