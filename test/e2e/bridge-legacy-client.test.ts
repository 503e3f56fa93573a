/** A legacy client (SDK 1.x) in front of a server that speaks the revision 2026-07-28 only. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'

const modern = fixtureServer('modern-only.mjs')
const { gateway, url, started } = await startGateway([
  server('modern', [modern, 'modern']),
  server('pinned', [modern, 'pinned'], { protocol: '2026-07-28' }),
])
t.teardown(() => gateway.stop(0))

interface Connected {
  readonly client: Client
  readonly asked: string[]
  /** What the call's answer says. */
  say(tool: string, args?: Record<string, unknown>): Promise<string>
}

const everything = { elicitation: {}, sampling: {}, roots: { listChanged: true } }

async function connect(t: Test, path: string, capabilities: object = everything): Promise<Connected> {
  const client = new Client({ name: 'old', version: '1' }, { capabilities })
  const asked: string[] = []
  if ('elicitation' in capabilities) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      asked.push(params.message)
      if (params.message === 'decline') return { action: 'decline' as const }
      return { action: 'accept' as const, content: { word: `said to ${params.message}` } }
    })
  }
  if ('sampling' in capabilities) {
    client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => {
      const [message] = params.messages
      return { model: 'm', role: 'assistant' as const, content: message!.content as { type: 'text'; text: string } }
    })
  }
  if ('roots' in capabilities) {
    client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots: [{ uri: 'file:///work', name: 'work' }] }))
  }
  // The SDK's own declaration does not allow `undefined` where its interface does.
  await client.connect(new StreamableHTTPClientTransport(new URL(url + path)) as never)
  t.teardown(() => client.close())
  const say = async (name: string, args: Record<string, unknown> = {}) => {
    const { content } = await client.callTool({ name, arguments: args })
    return (content as [{ text: string }])[0].text
  }
  return { client, asked, say }
}

for (const [path, prefix] of [
  ['/mcp/modern', ''],
  ['/mcp/pinned', ''],
  ['/mcp', 'modern__'],
] as const) {
  t.test(`${path}: initialize, ping and calls`, async (t) => {
    const { client, say } = await connect(t, path)
    if (prefix === '') {
      t.match(client.getServerVersion(), { name: path.slice(5), version: '3.1.4', title: 'Modern only' })
      t.match(client.getServerCapabilities(), { logging: {}, resources: { subscribe: true, listChanged: true } })
      t.match(client.getInstructions(), 'how to use')
    }
    t.same(await client.ping(), {})
    t.equal(await say(`${prefix}echo`, { value: 'gr\u00fc\u00dfe' }), 'gr\u00fc\u00dfe')
    const { tools } = await client.listTools()
    t.ok(tools.some(({ name }) => name === `${prefix}rounds`))
    t.match(JSON.parse(await say(`${prefix}envelope`)), {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, sampling: {}, roots: {} },
      'io.modelcontextprotocol/clientInfo': { name: 'old', version: '1' },
    })
  })

  t.test(`${path}: what the server has to know is asked of the client, and the call goes on`, async (t) => {
    const { client, asked, say } = await connect(t, path)
    t.match(JSON.parse(await say(`${prefix}ask`, { value: 'who?' })), {
      answer: { action: 'accept', content: { word: 'said to who?' } },
    })
    t.match(JSON.parse(await say(`${prefix}sample`, { value: 'hello' })), { answer: { content: { text: 'hello' } } })
    t.match(JSON.parse(await say(`${prefix}roots`)), { roots: [{ uri: 'file:///work' }] })
    t.match(JSON.parse(await say(`${prefix}both`, { value: 'two' })), {
      word: { content: { word: 'said to two' } },
      sample: { content: { text: 'two' } },
    })
    t.same(JSON.parse(await say(`${prefix}rounds`, { count: 3 })), [
      'said to word 1',
      'said to word 2',
      'said to word 3',
    ])
    t.equal(await say(`${prefix}again`), 'enough')
    t.match(await client.getPrompt({ name: `${prefix}greet`, arguments: { who: 'you' } }), {
      messages: [{ content: { text: 'said to greeting? you' } }],
    })
    t.same(asked, ['who?', 'two', 'word 1', 'word 2', 'word 3', 'greeting?'])
  })

  t.test(`${path}: progress, log messages, changes of lists and of resources`, async (t) => {
    const { client, say } = await connect(t, path)
    const steps: number[] = []
    await client.callTool({ name: `${prefix}steps`, arguments: { count: 4, value: 'v' } }, undefined, {
      onprogress: ({ progress }) => steps.push(progress),
    })
    t.same(steps, [1, 2, 3, 4])

    const logged: unknown[] = []
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params.data))
    await client.setLoggingLevel('error')
    await say(`${prefix}log`, { value: 'kept back' })
    await client.setLoggingLevel('debug')
    await say(`${prefix}log`, { value: 'told' })
    t.same(logged, ['told'])

    const changed = new Promise((resolve) => client.setNotificationHandler(ToolListChangedNotificationSchema, resolve))
    await say(`${prefix}appear`)
    const { params: listParams } = (await changed) as { params?: { _meta?: object } }
    t.same(listParams?._meta ?? {}, {})

    const uri = path === '/mcp/pinned' ? 'pinned://watched' : 'modern://watched'
    const updated: string[] = []
    const heard = new Promise<void>((resolve) => {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
        updated.push(params.uri)
        resolve()
      })
    })
    await say(`${prefix}touch`, { value: 'too early' })
    await client.subscribeResource({ uri })
    await say(`${prefix}touch`, { value: 'new words' })
    await heard
    t.same(updated, [uri])
    t.match(await client.readResource({ uri }), { contents: [{ text: 'new words' }] })
    await client.unsubscribeResource({ uri })
    await say(`${prefix}touch`, { value: 'too late' })
    t.same(updated, [uri])
  })

  t.test(`${path}: a client that cannot be asked, declines or never comes to an end is told so`, async (t) => {
    const mute = await connect(t, path, {})
    await t.rejects(mute.say(`${prefix}ask`, { value: 'who?' }), /elicitation/)
    await t.rejects(mute.say(`${prefix}endless`), /more than 16 times/)
    const { client, say } = await connect(t, path)
    t.match(JSON.parse(await say(`${prefix}ask`, { value: 'decline' })), { answer: { action: 'decline' } })
    client.setRequestHandler(CreateMessageRequestSchema, async () => Promise.reject(new Error('not with me')))
    await t.rejects(say(`${prefix}sample`, { value: 'v' }), /refused.*not with me/)
    t.equal(await say(`${prefix}echo`, { value: 'still here' }), 'still here')
  })
}

t.test('a call that the client cancels is cancelled at the server', async (t) => {
  const { client, say } = await connect(t, '/mcp/modern')
  const controller = new AbortController()
  const before = Number(await say('aborted'))
  const call = client.callTool({ name: 'hang', arguments: {} }, undefined, {
    signal: controller.signal,
    onprogress: () => controller.abort('enough'),
  })
  await t.rejects(call, /enough/)
  t.equal(Number(await say('aborted')), before + 1)
})

t.test('sessions of one principal share a copy, and each works again after it crashed', async (t) => {
  const [one, other] = await Promise.all([connect(t, '/mcp/pinned'), connect(t, '/mcp/pinned')])
  t.equal(await one.say('whoami'), await other.say('whoami'))
  const updated: string[] = []
  const heard = new Promise<void>((resolve) => {
    one.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      updated.push(params.uri)
      resolve()
    })
  })
  await one.client.subscribeResource({ uri: 'pinned://watched' })
  const before = started.length
  await t.rejects(other.say('crash'), /exited with code 7/)
  t.equal(await one.say('echo', { value: 'again' }), 'again')
  t.equal(started.length, before + 1)
  await other.say('touch', { value: 'after the crash' })
  await heard
  t.same(updated, ['pinned://watched'])
})
