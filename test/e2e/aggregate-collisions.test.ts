/** `/mcp`: what two servers call the same is kept apart, and cursors lead back to where they come from. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { openingOf, post } from '../fixtures/wire.ts'

const modern = fixtureServer('modern-only.mjs')
const paged = fixtureServer('paged.mjs')
const { gateway, url, lines } = await startGateway([
  server('first', [paged, 'first']),
  server('second', [paged, 'second']),
  server('down', ['-e', 'process.exit(3)']),
  server('third', [modern, 'third'], { protocol: '2026-07-28' }),
])
t.teardown(() => gateway.stop(0))

async function connect(t: Test): Promise<Client> {
  const client = new Client({ name: 'old', version: '1' }, {})
  // The SDK's own declaration does not allow `undefined` where its interface does.
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)) as never)
  t.teardown(() => client.close())
  return client
}

async function allResources(client: Client): Promise<string[]> {
  const uris: string[] = []
  let cursor: string | undefined
  do {
    const page = await client.listResources(cursor === undefined ? {} : { cursor })
    uris.push(...page.resources.map(({ uri }) => uri))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return uris
}

t.test('a URI that several servers list is there once for each, and is read where it is listed', async (t) => {
  const client = await connect(t)
  const uris = await allResources(client)
  t.same(
    uris.filter((uri) => uri.endsWith('shared://one')),
    ['shared://one', 'mcpo:second/shared://one', 'mcpo:third/shared://one'],
  )
  for (const [uri, text] of [
    ['shared://one', 'shared of first'],
    ['mcpo:second/shared://one', 'shared of second'],
    ['mcpo:third/shared://one', 'shared of third'],
  ] as const) {
    t.same((await client.readResource({ uri })).contents, [{ uri, text }])
  }
  const again = await connect(t)
  t.match(await again.readResource({ uri: 'mcpo:second/shared://one' }), { contents: [{ text: 'shared of second' }] })
})

t.test('a subscription to an alias is one to that server, and is told under the alias', async (t) => {
  const client = await connect(t)
  await allResources(client)
  const updated: string[] = []
  const heard = new Promise<void>((resolve) => {
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      updated.push(params.uri)
      resolve()
    })
  })
  await client.subscribeResource({ uri: 'mcpo:second/shared://one' })
  await client.callTool({ name: 'second__update', arguments: {} })
  await heard
  t.same(updated, ['mcpo:second/shared://one'])
})

t.test(
  'lists have every page of every server in the same order each time, and a server that is down is named',
  async (t) => {
    const client = await connect(t)
    const [one, other] = [await allResources(client), await allResources(await connect(t))]
    t.same(one, other)
    for (const name of ['first', 'second']) {
      t.same(
        one.filter((uri) => uri.startsWith(`${name}://`)),
        [1, 2, 3].map((page) => `${name}://${page}`),
      )
    }
    t.ok(lines.some(({ facts }) => (facts as { server?: string }).server === 'down'))
  },
)

t.test('what is listed twice is told in the log, once', async (t) => {
  const client = await connect(t)
  await client.listTools()
  const { tools } = await client.listTools()
  t.equal(tools.filter(({ name }) => name === 'first__twice').length, 1)
  const told = lines.filter(
    ({ level, facts }) => level === 'warn' && (facts as { name?: string }).name === 'first__twice',
  )
  t.equal(told.length, 1)
})

t.test('a cursor of another list is refused', async (t) => {
  const client = await connect(t)
  const { nextCursor } = await client.listResources()
  t.type(nextCursor, 'string')
  await t.rejects(client.listTools({ cursor: nextCursor }), { code: -32602 })
})

t.test(
  'a server that is down is named to clients of either era, in lists and where the gateway introduces itself',
  async (t) => {
    const unavailable = { 'io.github.mcp-one/unavailable': ['down'] }
    const client = await connect(t)
    t.match((await client.listTools())._meta, unavailable)
    const { nextCursor } = await client.listResources()
    t.equal((await client.listResources({ cursor: nextCursor }))._meta, undefined, 'a later page says nothing again')
    const { messages } = await post(`${url}/mcp`, openingOf())
    t.match(messages, [{ result: { _meta: unavailable } }])
    for (const method of ['server/discover', 'tools/list']) {
      const { result } = await modernPost(method)
      t.match(result._meta, unavailable, method)
    }
  },
)

t.test('when all servers are there, nothing is said', async (t) => {
  const { gateway, url } = await startGateway([server('first', [paged, 'first'])])
  t.teardown(() => gateway.stop(0))
  const { messages } = await post(`${url}/mcp`, openingOf())
  t.equal(messages[0]?.result._meta, undefined)
})

async function modernPost(method: string) {
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const { messages } = await post(`${url}/mcp`, { jsonrpc: '2.0', id: 1, method, params: { _meta } }, headers)
  return messages[0] ?? {}
}
