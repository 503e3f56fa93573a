/**
 * The client that the suite's client scenarios run: SDK 2.x, with the gateway between it and the scenario's server. Takes the
 * server's URL as its argument, and the scenario from the environment.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { remoteTable, startGatewayProcess } from '../support/gateway-process.ts'

type Play = (client: Client) => Promise<unknown>

/** What to do in a scenario; where it is not named, tools are listed. */
const plays: Record<string, Play> = {
  tools_call: (client) => call(client, 'add_numbers', { a: 5, b: 3 }),
  'sse-retry': (client) => call(client, 'test_reconnection'),
  'elicitation-sep1034-client-defaults': callEach,
  'http-standard-headers': useEverything,
  'http-custom-headers': callAsTold,
  'http-invalid-tool-headers': callEach,
  'sep-2322-client-request-state': callAmongRounds,
  'json-schema-2020-12-preservation': echoSchema,
}

const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_PROTOCOL_VERSION: revision = '' } = process.env
const folder = await mkdtemp(join(tmpdir(), 'mcpo-client-'))
const gateway = await startGatewayProcess(folder, [remoteTable('mock', process.argv[2] ?? '')])
const client = new Client(
  { name: 'conformance-client', version: '1.0.0' },
  {
    capabilities: { elicitation: { form: { applyDefaults: true } } },
    versionNegotiation: { mode: revision === '2026-07-28' ? { pin: revision } : 'legacy' },
  },
)
client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: {} }))
try {
  await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/mock`)))
  await (plays[scenario] ?? ((client) => client.listTools()))(client)
} finally {
  await client.close()
  await gateway.stop()
  await rm(folder, { recursive: true })
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<void> {
  await client.listTools()
  await client.callTool({ name, arguments: args })
}

async function callEach(client: Client): Promise<void> {
  const { tools } = await client.listTools()
  for (const { name } of tools) await client.callTool({ name, arguments: { region: 'eu' } })
}

async function useEverything(client: Client): Promise<void> {
  await callEach(client)
  const { resources } = await client.listResources()
  for (const { uri } of resources) await client.readResource({ uri })
  const { prompts } = await client.listPrompts()
  for (const { name } of prompts) await client.getPrompt({ name })
}

async function callAsTold(client: Client): Promise<void> {
  const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as {
    toolCalls: { name: string; arguments: Record<string, unknown> }[]
  }
  await client.listTools()
  for (const toolCall of context.toolCalls) await client.callTool(toolCall)
}

async function callAmongRounds(client: Client): Promise<void> {
  await client.listTools()
  const rounds = client.callTool({ name: 'test_mrtr_echo_state', arguments: {} })
  await client.callTool({ name: 'test_mrtr_unrelated', arguments: {} })
  await rounds
  await client.callTool({ name: 'test_mrtr_no_state', arguments: {} })
  // Its result lacks what this SDK insists on; the scenario looks at whether the call is tried again.
  await client.callTool({ name: 'test_mrtr_no_result_type', arguments: {} }).catch(() => {})
}

async function echoSchema(client: Client): Promise<void> {
  const { tools } = await client.listTools()
  const schema = tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema
  await client.callTool({ name: 'json_schema_echo', arguments: { schema } })
}
