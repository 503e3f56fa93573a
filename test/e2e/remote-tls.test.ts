/** Servers over TLS: who they say they are is proven, or nothing is sent to them. */
import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { type Message, openingOf, openSession, post, said } from '../fixtures/wire.ts'
import { authority } from '../support/certificates.ts'
import { makeConfig, serve } from '../support/serve.ts'

const secret = 'hunter2'

/** The port that it listens on. */
async function listen(t: Test, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

/** As a legacy server whose tools say what they were authorised with. */
function answer(body: string, authorization = ''): string {
  const { id, method } = JSON.parse(body) as Message
  const opened = {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'far', version: '1' },
  }
  const result = method === 'initialize' ? opened : { content: [{ type: 'text', text: authorization }] }
  return JSON.stringify({ jsonrpc: '2.0', id, result })
}

t.test('a certificate of a known authority for the right name is taken, any other is refused in words', async (t) => {
  const { issue, caPath } = authority(t)
  const seen: string[] = []
  const start = async (name: string): Promise<number> => {
    const server = createServer(issue(name), async (request, response) => {
      seen.push(name)
      const body = await text(request)
      if (request.method !== 'POST' || !body.includes('"id"'))
        return response.writeHead(request.method === 'POST' ? 202 : 405).end()
      response.writeHead(200, { 'content-type': 'application/json' })
      return response.end(answer(body, request.headers.authorization))
    })
    return listen(t, server)
  }
  const plain = createPlainServer((_, response) => response.end())
  const ports = { right: await start('localhost'), wrong: await start('other.example'), plain: await listen(t, plain) }
  const table = (name: string, port: number): string =>
    `[[servers]]\nname = "${name}"\ntype = "http"\nurl = "https://localhost:${port}/mcp"\nprotocol = "legacy"\nheaders = { Authorization = "env:FAR_TOKEN" }\n`
  const toml = Object.entries(ports)
    .map(([name, port]) => table(name, port))
    .join('')

  const knows = await serve(t, makeConfig(t, toml, { NODE_EXTRA_CA_CERTS: caPath, FAR_TOKEN: secret }))
  const session = await openSession(`${knows.url}/mcp/right`)
  t.equal(said(await session.call(1, 'x')), secret, 'and the header that the configuration names came along')
  const wrong = await post(`${knows.url}/mcp/wrong`, openingOf())
  t.match(wrong.text, /its certificate is for another name/)
  t.match((await post(`${knows.url}/mcp/plain`, openingOf())).text, /does not speak TLS|TLS handshake failed/)
  await knows.stop()

  const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0', FAR_TOKEN: secret }
  const doesNot = await serve(t, makeConfig(t, toml, env))
  const unknown = await post(`${doesNot.url}/mcp/right`, openingOf())
  t.match(unknown.messages, [{ error: { message: /certificate is signed by/, data: { hint: /NODE_EXTRA_CA_CERTS/ } } }])
  t.notOk(seen.includes('other.example'), 'nothing was said to the wrong one')
  t.notMatch(wrong.text + unknown.text + knows.log() + doesNot.log(), secret)
})
