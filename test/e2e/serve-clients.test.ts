/** Real servers behind the gateway, real clients of both SDKs and both eras in front of it. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  type CallToolResult,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import t from 'tap'
import { fixtureServer, packageServer, server, startGateway } from '../fixtures/gateway.ts'

const folder = mkdtempSync(join(tmpdir(), 'mcpo-files-'))
writeFileSync(join(folder, 'note.txt'), 'a note')
const everything = server('everything', [packageServer('@modelcontextprotocol/server-everything')])
const filesystem = server('filesystem', [packageServer('@modelcontextprotocol/server-filesystem'), folder])
const legacyGateway = await startGateway([everything, filesystem])
const dualGateway = await startGateway([
  server('one', [fixtureServer('dual.mjs'), 'one']),
  server('two', [fixtureServer('dual.mjs'), 'two']),
])
t.teardown(() => Promise.all([legacyGateway.gateway.stop(0), dualGateway.gateway.stop(0)]))

async function connect(path: string, capabilities: object = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { capabilities })
  await client.connect(new StreamableHTTPClientTransport(new URL(legacyGateway.url + path)) as never)
  return client
}

async function connectModern(url: string, mode: 'auto' | 'legacy'): Promise<ModernClient> {
  const client = new ModernClient({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new ModernTransport(new URL(url)))
  return client
}

const textOf = (result: unknown): string => {
  const [first] = (result as CallToolResult).content
  return first?.type === 'text' ? first.text : ''
}

t.test('an SDK 1.x client uses the tools, prompts and resources of one server', async (t) => {
  const client = await connect('/mcp/everything')
  const { tools } = await client.listTools()
  t.ok(tools.some(({ name }) => name === 'echo'))
  t.match(textOf(await client.callTool({ name: 'echo', arguments: { message: 'hi' } })), 'hi')
  const { prompts } = await client.listPrompts()
  t.ok(prompts.length > 0)
  const { resources } = await client.listResources()
  const [resource] = resources
  t.ok(resource)
  t.ok((await client.readResource({ uri: resource!.uri })).contents.length > 0)
  t.match(client.getServerVersion(), { name: 'mcp-servers/everything' })
  await client.close()
})

t.test('an SDK 1.x client uses all servers through /mcp', async (t) => {
  const client = await connect('/mcp')
  t.match(client.getServerVersion(), { name: 'mcp-one' })
  const { tools } = await client.listTools()
  const names = tools.map(({ name }) => name)
  t.ok(names.includes('everything__echo'))
  t.ok(names.includes('filesystem__read_text_file'))
  t.match(textOf(await client.callTool({ name: 'everything__echo', arguments: { message: 'hi' } })), 'hi')
  const note = await client.callTool({
    name: 'filesystem__read_text_file',
    arguments: { path: join(folder, 'note.txt') },
  })
  t.equal(textOf(note), 'a note')
  const { prompts } = await client.listPrompts()
  const simple = prompts.find(({ name }) => name.startsWith('everything__simple'))
  t.ok(simple)
  t.ok((await client.getPrompt({ name: simple!.name })).messages.length > 0)
  const { resources } = await client.listResources()
  t.ok((await client.readResource({ uri: resources[0]!.uri })).contents.length > 0)
  const { resourceTemplates } = await client.listResourceTemplates()
  t.ok(resourceTemplates.length > 0)
  await client.ping()
  await client.close()
})

t.test('a name that no server has is refused with an error that says so', async (t) => {
  const client = await connect('/mcp')
  await t.rejects(client.callTool({ name: 'nobody__echo' }), /Unknown name: nobody__echo/)
  await t.rejects(client.callTool({ name: 'echo' }), /Unknown name: echo/)
  await client.close()
})

t.test('every step of progress arrives before the result', async (t) => {
  const client = await connect('/mcp')
  const steps: number[] = []
  await client.callTool(
    { name: 'everything__trigger-long-running-operation', arguments: { duration: 0.2, steps: 4 } },
    undefined,
    {
      onprogress: ({ progress }) => steps.push(progress),
    },
  )
  t.same(steps, [1, 2, 3, 4])
  await client.close()
})

for (const path of ['/mcp', '/mcp/everything']) {
  const prefix = path === '/mcp' ? 'everything__' : ''
  t.test(
    `sampling and elicitation through ${path} reach the session whose call caused them, and no other`,
    async (t) => {
      const capabilities = { sampling: {}, elicitation: { form: {} } }
      const [client, other] = await Promise.all([connect(path, capabilities), connect(path, capabilities)])
      const asked: string[] = []
      for (const [who, peer] of [
        ['mine', client],
        ['other', other],
      ] as const) {
        peer.setRequestHandler(CreateMessageRequestSchema, () => {
          asked.push(`${who} sampling`)
          return { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: 'sampled words' } }
        })
        peer.setRequestHandler(ElicitRequestSchema, () => {
          asked.push(`${who} elicitation`)
          return { action: 'decline' as const }
        })
      }
      // The server offers these tools once it has seen `initialized`.
      await Promise.all([client.listTools(), other.listTools()])
      const sampled = await client.callTool({
        name: `${prefix}trigger-sampling-request`,
        arguments: { prompt: 'p', maxTokens: 5 },
      })
      t.match(textOf(sampled), 'sampled words')
      await client.callTool({ name: `${prefix}trigger-elicitation-request`, arguments: {} })
      t.same(asked, ['mine sampling', 'mine elicitation'])
      await Promise.all([client.close(), other.close()])
    },
  )
}

t.test('a log message reaches the session that set the level', async (t) => {
  const client = await connect('/mcp/everything')
  const logged = new Promise((resolve) => client.setNotificationHandler(LoggingMessageNotificationSchema, resolve))
  await client.setLoggingLevel('debug')
  await client.callTool({ name: 'toggle-simulated-logging', arguments: {} })
  t.match(await logged, { params: { data: /.+/ } })
  await client.close()
})

t.test('a cancelled call is cancelled at once, and the session works on', async (t) => {
  const client = await connect('/mcp')
  const controller = new AbortController()
  const call = client.callTool(
    { name: 'everything__trigger-long-running-operation', arguments: { duration: 30, steps: 30 } },
    undefined,
    { signal: controller.signal, onprogress: () => controller.abort('enough') },
  )
  await t.rejects(call, /enough/)
  t.match(textOf(await client.callTool({ name: 'everything__echo', arguments: { message: 'still' } })), 'still')
  await client.close()
})

for (const mode of ['legacy', 'auto'] as const) {
  for (const path of ['/mcp/one', '/mcp']) {
    const prefix = path === '/mcp' ? 'one__' : ''
    t.test(`an SDK 2.x client (${mode}) uses servers of both eras through ${path}`, async (t) => {
      const client = await connectModern(dualGateway.url + path, mode)
      t.equal(client.getNegotiatedProtocolVersion(), mode === 'auto' ? '2026-07-28' : '2025-11-25')
      const { tools } = await client.listTools()
      t.ok(tools.some(({ name }) => name === `${prefix}echo`))
      const steps: number[] = []
      const params = { name: `${prefix}steps`, arguments: { count: 3, value: 'done' } }
      t.equal(textOf(await client.callTool(params, { onprogress: ({ progress }) => steps.push(progress) })), 'done')
      t.same(steps, [1, 2, 3])
      const read = await client.readResource({ uri: 'one://one' })
      t.match(read.contents, [{ text: 'one of one' }])
      t.match(await client.getPrompt({ name: `${prefix}greet`, arguments: { who: 'you' } }), {
        messages: [{ content: { text: 'hello you' } }],
      })
      await t.rejects(client.callTool({ name: `${prefix}nothing`, arguments: {} }))
      await client.close()
    })
  }
}

t.test('an SDK 2.x client that negotiates speaks its own era to servers that speak the legacy one only', async (t) => {
  for (const path of ['/mcp', '/mcp/everything']) {
    const client = await connectModern(legacyGateway.url + path, 'auto')
    t.equal(client.getNegotiatedProtocolVersion(), '2026-07-28')
    t.ok((await client.listTools()).tools.length > 0)
    await client.close()
  }
})

for (const path of ['/mcp/two', '/mcp']) {
  t.test(`a modern client that listens on ${path} is told of changes, under its own id`, async (t) => {
    const prefix = path === '/mcp' ? 'two__' : ''
    const client = await connectModern(dualGateway.url + path, 'auto')
    const changed = new Promise((resolve) => client.setNotificationHandler('notifications/tools/list_changed', resolve))
    const subscription = await client.listen({ toolsListChanged: true })
    t.match(subscription.honoredFilter, { toolsListChanged: true })
    await client.callTool({ name: `${prefix}appear`, arguments: {} })
    t.match(await changed, { method: 'notifications/tools/list_changed' })
    await subscription.close()
    await client.close()
  })
}

t.test('modern clients share one copy of a server, legacy sessions have one each', async (t) => {
  const pids = async (mode: 'auto' | 'legacy') => {
    const clients = await Promise.all([0, 1].map(() => connectModern(`${dualGateway.url}/mcp/two`, mode)))
    const answers = await Promise.all(clients.map((client) => client.callTool({ name: 'whoami', arguments: {} })))
    await Promise.all(clients.map((client) => client.close()))
    return new Set(answers.map(textOf)).size
  }
  t.equal(await pids('auto'), 1)
  t.equal(await pids('legacy'), 2)
})
