import { readFileSync } from 'node:fs'

const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))

export const version = (manifest as { version: string }).version

/** How the gateway introduces itself to clients and to servers. */
export const gatewayInfo = { name: 'mcp-one', title: 'MCP-One', version }
