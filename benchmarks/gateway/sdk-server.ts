/** What a client would call without a gateway: the same tool on the SDK 1.x, over Streamable HTTP. Prints its port. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import * as z from 'zod'

const server = new McpServer({ name: 'echo', version: '1' })
server.registerTool('echo', { inputSchema: { value: z.string() } }, ({ value }) => ({
  content: [{ type: 'text', text: value }],
}))
const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID, enableJsonResponse: true })
// Its own types disagree under exactOptionalPropertyTypes.
await server.connect(transport as Transport)
const http = createServer((request, response) => void transport.handleRequest(request, response))
http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`))
