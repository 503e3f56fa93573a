/** Paths under `/mcp/` and names in commands that a server must not take. */
const reservedNames: ReadonlySet<string> = new Set(['preset', 'api', 'health'])

export const serverNameExpected =
  'a name of 1 to 32 of a-z, 0-9 and "-", not "-" at either end, and not "preset", "api" or "health"'

/** A server's name: it stands in URLs, in tool names before `__`, and is the host name inside the sandbox. */
export function isServerName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name) && !reservedNames.has(name)
}
