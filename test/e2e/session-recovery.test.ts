/** A session whose server crashed works again: what the client set and subscribed to is told to the new copy. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'

const paged = fixtureServer('paged.mjs')
const { gateway, url } = await startGateway([server('first', [paged, 'first']), server('second', [paged, 'second'])])
t.teardown(() => gateway.stop(0))

for (const [path, prefix, shared] of [
  ['/mcp/second', '', 'shared://one'],
  ['/mcp', 'second__', 'mcpo:second/shared://one'],
] as const) {
  t.test(`${path}: log level and subscriptions outlive a crash`, async (t) => {
    const client = new Client({ name: 'old', version: '1' }, {})
    // The SDK's own declaration does not allow `undefined` where its interface does.
    await client.connect(new StreamableHTTPClientTransport(new URL(url + path)) as never)
    t.teardown(() => client.close())
    const call = (tool: string) => client.callTool({ name: `${prefix}${tool}`, arguments: {} })
    const updated: string[] = []
    const heard = new Promise<void>((resolve) => {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
        updated.push(params.uri)
        if (updated.length === 2) resolve()
      })
    })
    await client.listResources()
    await client.setLoggingLevel('warning')
    for (const uri of [shared, 'second://1', 'second://2']) await client.subscribeResource({ uri })
    await client.unsubscribeResource({ uri: 'second://2' })

    await t.rejects(call('crash'), /exited with code 7/)
    t.match(await call('level'), { content: [{ text: 'warning' }] })
    await call('update')
    await heard
    t.same(updated.sort(), [shared, 'second://1'].sort())
  })
}
