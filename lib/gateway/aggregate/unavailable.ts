/** Key in the `_meta` of merged results: the names of the servers that they lack. Why is in the log, which clients do not see. */
export const unavailableKey = 'io.github.mcp-one/unavailable'

/** Members for a result's `_meta`; none when nobody is missing. */
export function unavailableMeta(servers: readonly string[]): Record<string, readonly string[]> {
  return servers.length === 0 ? {} : { [unavailableKey]: servers }
}

/** The JSON member `_meta` with a comma before it, for the end of a result; empty when nobody is missing. */
export function unavailableTail(servers: readonly string[]): string {
  return servers.length === 0 ? '' : `,"_meta":${JSON.stringify(unavailableMeta(servers))}`
}
