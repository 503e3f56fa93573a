/** `/mcp`: what no list shows is found all the same, as the client asked for it, and a link leads to whoever gave it. */
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { type Exchange, jsonHeaders, openSession, send } from '../fixtures/wire.ts'

const linked = fixtureServer('linked.mjs')

/** A client of one era, on bare HTTP. */
interface WireClient {
  /** The text of the request is sent as it is, but for `<META>`. */
  ask(method: string, name: string, params: string): Promise<Exchange>
}

const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

function modernClient(url: string): WireClient {
  return {
    ask(method, name, params) {
      const headers = {
        ...jsonHeaders,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(name === '' ? {} : { 'mcp-name': name }),
      }
      const text = params.replace('<META>', `"_meta":${JSON.stringify(envelope)}`)
      return send(url, 'POST', headers, `{"jsonrpc":"2.0","id":5,"method":"${method}","params":${text}}`)
    },
  }
}

async function legacyClient(url: string): Promise<WireClient> {
  const { headers } = await openSession(url)
  return {
    ask: (method, _, params) =>
      send(
        url,
        'POST',
        { ...jsonHeaders, ...headers },
        `{"jsonrpc":"2.0","id":5,"method":"${method}","params":${params.replace('<META>', '"_meta":{}')}}`,
      ),
  }
}

async function both(t: Test, era: 'legacy' | 'modern'): Promise<WireClient> {
  const { gateway, url } = await startGateway([
    server('one', [linked, 'one', era]),
    server('two', [linked, 'two', era]),
  ])
  t.teardown(() => gateway.stop(0))
  return era === 'modern' ? modernClient(`${url}/mcp`) : legacyClient(`${url}/mcp`)
}

const resultOf = ({ messages }: Exchange) => messages.at(-1)?.result
const linesHeard = async (client: WireClient, name: string): Promise<string[]> => {
  const answer = await client.ask('tools/call', `${name}__heard`, `{"name":"${name}__heard",<META>}`)
  return resultOf(answer).content.map(({ text }: { text: string }) => text)
}
const urisIn = (blocks: { uri?: string; resource?: { uri: string } }[]) =>
  blocks.map(({ uri, resource }) => uri ?? resource?.uri)

for (const era of ['legacy', 'modern'] as const) {
  t.test(`${era}: a URI that no list shows is asked for in the client's own bytes`, async (t) => {
    const client = await both(t, era)
    const params = '{"x":1.50, <META>, "uri":"two:\\u002f/hidden/1","x" : [1e400]}'
    const answer = await client.ask('resources/read', 'two://hidden/1', params)
    t.match(resultOf(answer), { contents: [{ uri: 'two://hidden/1', text: 'two://hidden/1 of two' }] })
    for (const name of ['one', 'two']) {
      const [line = ''] = await linesHeard(client, name)
      t.ok(line.includes('"x":1.50') && line.includes('"uri":"two:\\u002f/hidden/1","x" : [1e400]}'), line)
    }
    await client.ask('resources/read', 'two://hidden/1', params)
    t.same((await linesHeard(client, 'one')).length, 0, 'who answered once is asked at once')
  })

  t.test(`${era}: what no server has is refused with a server's own error`, async (t) => {
    const client = await both(t, era)
    const { messages } = await client.ask('resources/read', 'none://x', '{"uri":"none://x",<META>}')
    t.match(messages, [{ id: 5, error: { code: -32002, message: 'two has no none://x' } }])
    const alias = await client.ask('resources/read', 'mcpo:nobody/none://x', '{"uri":"mcpo:nobody/none://x",<META>}')
    t.match(alias.messages, [{ id: 5, error: { code: era === 'legacy' ? -32002 : -32602 } }], 'as its revision says it')
    const ref = '"ref":{"type":"ref/resource","uri":"mcpo:nobody/none://x"},"argument":{"name":"a","value":""}'
    const completed = await client.ask('completion/complete', '', `{${ref},<META>}`)
    t.match(completed.messages, [{ id: 5, error: { code: -32602 } }], 'which is not about a resource')
    t.same((await linesHeard(client, 'one')).length, 1, 'an alias is nobody else')
  })

  t.test(`${era}: a link to what several servers have is shown as what leads to this one`, async (t) => {
    const client = await both(t, era)
    await client.ask('resources/list', '', '{<META>}')
    for (const [name, uri] of [
      ['one', 'shared://one'],
      ['two', 'mcpo:two/shared://one'],
    ] as const) {
      const args = '"arguments":{"uris":["shared://one"]}'
      const called = await client.ask('tools/call', `${name}__links`, `{"name":"${name}__links",${args},<META>}`)
      t.same(urisIn(resultOf(called).content), [uri, uri])
      const got = await client.ask('prompts/get', `${name}__links`, `{"name":"${name}__links",<META>}`)
      t.same(urisIn(resultOf(got).messages.map(({ content }: { content: object }) => content)), [uri, uri])
      t.match(resultOf(await client.ask('resources/read', uri, `{"uri":"${uri}",<META>}`)), {
        contents: [{ uri, text: `shared://one of ${name}` }],
      })
    }
  })

  t.test(`${era}: a link that no list shows is read from the server that gave it`, async (t) => {
    const client = await both(t, era)
    const args = '"arguments":{"uris":["two://hidden/link"]}'
    const called = await client.ask('tools/call', 'two__links', `{"name":"two__links",${args},<META>}`)
    t.same(urisIn(resultOf(called).content), ['two://hidden/link', 'two://hidden/link'])
    await client.ask('resources/read', 'two://hidden/link', '{"uri":"two://hidden/link",<META>}')
    t.same(await linesHeard(client, 'one'), [])
    const other = await client.ask('tools/call', 'one__links', `{"name":"one__links",${args},<META>}`)
    t.same(urisIn(resultOf(other).content), Array(2).fill('mcpo:one/two://hidden/link'), 'first come')
  })
}
