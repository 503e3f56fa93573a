/** The least that a legacy MCP server on stdio can be: no SDK, one tool that says what it is told. */
import { createInterface } from 'node:readline'

const initialized = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'echo', version: '1' },
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line)
    if (id === undefined) return
    if (method === 'initialize') write({ id, result: initialized })
    else if (method === 'tools/call')
      write({ id, result: { content: [{ type: 'text', text: params.arguments.value }] } })
    else write({ id, error: { code: -32601, message: 'no such method' } })
  })
  .on('close', () => process.exit(0))

function write(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}
