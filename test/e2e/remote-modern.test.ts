/** Servers of the modern era that run elsewhere, built on SDK 2.x. */
import { Readable } from 'node:stream'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { remote, startGateway } from '../fixtures/gateway.ts'
import { type RemoteFixture, serveHttp } from '../fixtures/remote-servers.ts'
import { type Message, messagesOf, openSession, said, send } from '../fixtures/wire.ts'
import { until } from '../support/until.ts'

const version = '2026-07-28'
const envelope = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientCapabilities': {},
}

interface ModernFixture extends RemoteFixture {
  readonly aborted: string[]
}

async function serveModern(t: Test): Promise<ModernFixture> {
  const aborted: string[] = []
  const handler = createMcpHandler(() => modernServer(aborted), { legacy: 'reject' })
  t.teardown(() => handler.close())
  const fixture = await serveHttp(t, async (request, response, body) => {
    const { method = 'GET', headers } = request
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const init = {
      method,
      headers: headers as Record<string, string>,
      body: method === 'POST' ? body : null,
      signal: gone.signal,
    }
    const answer = await handler.fetch(new Request(`http://localhost${request.url}`, init))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (answer.body === null) return response.end()
    const stream = Readable.fromWeb(answer.body as never)
    return stream.on('error', () => {}).pipe(response)
  })
  return { ...fixture, aborted }
}

/** Calls of `log` that wait for the second one. */
const waiting: (() => void)[] = []

function modernServer(aborted: string[]): McpServer {
  const server = new McpServer({ name: 'far', version: '1.0.0' }, { capabilities: { logging: {} } })
  const inputSchema = z.object({
    region: z.string().meta({ 'x-mcp-header': 'Region' }),
    count: z.number().int().optional(),
  })
  server.registerTool('sell', { inputSchema }, ({ region }) => text(region))
  server.registerTool('échange', {}, () => text('oui'))
  server.registerTool('progress', {}, async ({ mcpReq }) => {
    for (const progress of [1, 2]) {
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken: mcpReq._meta?.progressToken ?? 0, progress },
      })
    }
    return text('done')
  })
  server.registerTool('log', { inputSchema: z.object({ word: z.string() }) }, async ({ word }, { mcpReq }) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 2) for (const go of waiting.splice(0)) go()
    })
    await mcpReq.log('info', word)
    return text(word)
  })
  server.registerTool('wait', {}, ({ mcpReq }) => {
    return new Promise((resolve) =>
      mcpReq.signal.addEventListener('abort', () => {
        aborted.push('wait')
        resolve(text('aborted'))
      }),
    )
  })
  return server
}

function text(said: string) {
  return { content: [{ type: 'text' as const, text: said }] }
}

/** As a modern client posts. */
function call(
  url: string,
  method: string,
  params: Record<string, unknown>,
  more: Record<string, string> = {},
  id: string | number = 1,
) {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id,
    method,
    params: { ...params, _meta: { ...envelope, ...(params['_meta'] as object) } },
  })
  const name = params['name'] ?? params['uri']
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(name === undefined
      ? {}
      : {
          'mcp-name': /^[ -~]*$/.test(String(name))
            ? String(name)
            : `=?base64?${Buffer.from(String(name)).toString('base64')}?=`,
        }),
    ...more,
  }
  return { url, method: 'POST', headers, body }
}

async function ask(...args: Parameters<typeof call>) {
  const { url, method, headers, body } = call(...args)
  return send(url, method, headers, body)
}

async function gatewayBefore(t: Test, ...servers: ReturnType<typeof remote>[]) {
  const started = await startGateway(servers)
  t.teardown(() => started.gateway.stop(0))
  return started
}

for (const path of ['/mcp/far', '/mcp']) {
  const tool = (name: string) => (path === '/mcp' ? `far__${name}` : name)

  t.test(`${path}: a modern server gets the headers that belong to the body that it gets`, async (t) => {
    const far = await serveModern(t)
    const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
    const headers = { 'mcp-param-region': 'eu', 'mcp-param-other': 'x', authorization: 'Bearer of-the-client' }
    const exchange = await ask(
      `${url}${path}`,
      'tools/call',
      { name: tool('sell'), arguments: { region: 'eu' } },
      headers,
      'a',
    )
    t.equal(said(exchange), 'eu')
    t.equal(exchange.messages.at(-1)?.id, 'a')
    const came = far.seen.findLast(({ body }) => body.includes('"tools/call"'))?.headers
    t.match(came, {
      'mcp-protocol-version': version,
      'mcp-method': 'tools/call',
      'mcp-name': 'sell',
      'mcp-param-region': 'eu',
    })
    t.notOk(came?.['mcp-param-other'] ?? came?.authorization ?? came?.['mcp-session-id'])
  })

  t.test(`${path}: progress comes on the call's own stream`, async (t) => {
    const far = await serveModern(t)
    const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
    const { messages } = await ask(`${url}${path}`, 'tools/call', {
      name: tool('progress'),
      arguments: {},
      _meta: { progressToken: 't' },
    })
    t.strictSame(
      messages.map(({ params, result }) => params?.['progress'] ?? result.content[0].text),
      [1, 2, 'done'],
    )
    t.equal(messages[0]?.params?.['progressToken'], 't')
  })
}

t.test('a name that no header can carry is encoded', async (t) => {
  const far = await serveModern(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  t.equal(said(await ask(`${url}/mcp/far`, 'tools/call', { name: 'échange', arguments: {} })), 'oui')
  const came = far.seen.findLast(({ body }) => body.includes('"tools/call"'))?.headers
  t.equal(came?.['mcp-name'], `=?base64?${Buffer.from('échange').toString('base64')}?=`)
})

t.test('of two calls at once, each gets what was logged in its course', async (t) => {
  const far = await serveModern(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const _meta = { 'io.modelcontextprotocol/logLevel': 'debug' }
  const log = (word: string) => ask(`${url}/mcp/far`, 'tools/call', { name: 'log', arguments: { word }, _meta })
  const both = await Promise.all([log('red'), log('blue')])
  for (const [index, word] of ['red', 'blue'].entries()) {
    const { messages } = both[index] ?? { messages: [] }
    t.strictSame(
      messages.map(({ params, result }) => params?.['data'] ?? result.content[0].text),
      [word, word],
    )
  }
})

t.test('a client that goes away cancels its call there, and no other', async (t) => {
  const far = await serveModern(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const { headers, body } = call(`${url}/mcp/far`, 'tools/call', { name: 'wait', arguments: {} })
  const controller = new AbortController()
  const going = fetch(`${url}/mcp/far`, { method: 'POST', headers, body, signal: controller.signal })
  await until(() => far.seen.find(({ body }) => body.includes('"wait"')))
  controller.abort()
  await t.rejects(going)
  await until(() => far.aborted[0])
  t.notOk(far.seen.some(({ body }) => body.includes('notifications/cancelled')))
  t.equal(
    said(
      await ask(
        `${url}/mcp/far`,
        'tools/call',
        { name: 'sell', arguments: { region: 'eu' } },
        { 'mcp-param-region': 'eu' },
      ),
    ),
    'eu',
  )
})

t.test('a legacy client reaches a modern server that runs elsewhere', async (t) => {
  const far = await serveModern(t)
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const session = await openSession(`${url}/mcp/far`)
  t.equal(said(await session.call(1, 'sell', { region: 'us' })), 'us')
  const came = far.seen.findLast(({ body }) => body.includes('"tools/call"'))?.headers
  t.match(came, { 'mcp-name': 'sell', 'mcp-param-region': 'us' })
})

t.test(
  'tools with invalid header annotations are left out of the lists, with a warning, and the rest stays as it came',
  async (t) => {
    const good =
      '{ "name":"good" , "inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"}}},"x":1.0}'
    const bad = (name: string, annotation: string) =>
      `{"name":"${name}","inputSchema":{"type":"object","properties":{"a":{"type":"string",${annotation}}}}}`
    const tools = [
      bad('b1', '"x-mcp-header":"a b"'),
      good,
      bad('b2', '"x-mcp-header":""'),
      bad('b3', '"x-mcp-\\u0068eader":"a:b"'),
    ]
    const far = await serveHttp(t, (_, response, body) => {
      const { id, method } = JSON.parse(body) as Message
      const result =
        method === 'server/discover'
          ? `{"resultType":"complete","supportedVersions":["${version}"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}`
          : `{"tools": [${tools.join(' , ')}],"resultType":"complete","ttlMs":0,"cacheScope":"private"}`
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc":"2.0","id":${id},"result":${result}}`)
    })
    const { url, lines } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
    const { text } = await ask(`${url}/mcp/far`, 'tools/list', {})
    t.ok(text.includes(good), text)
    t.strictSame(
      messagesOf(text)[0]?.result.tools.map(({ name }: { name: string }) => name),
      ['good'],
    )
    const warnings = lines.filter(({ text }) => text.startsWith('a tool is left out of the lists'))
    t.strictSame(
      warnings.map(({ facts }) => (facts as { tool: string }).tool),
      ['b1', 'b2', 'b3'],
    )
  },
)

t.test('what a 4xx says by JSON-RPC is the answer', async (t) => {
  const far = await serveHttp(t, (_, response, body) => {
    const { id, method } = JSON.parse(body) as Message
    const discovered = {
      supportedVersions: [version],
      capabilities: { tools: {} },
      resultType: 'complete',
      ttlMs: 0,
      cacheScope: 'private',
    }
    if (method === 'server/discover')
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, result: discovered }))
    else
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(
          '{"jsonrpc":"2.0","id":null,"error":{"code":-32021,"message":"missing","data":{"requiredCapabilities":["x"]}}}',
        )
  })
  const { url } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
  const { status, messages } = await ask(`${url}/mcp/far`, 'prompts/list', {}, {}, 'mine')
  t.equal(status, 400)
  t.strictSame(messages, [
    { jsonrpc: '2.0', id: 'mine', error: { code: -32021, message: 'missing', data: { requiredCapabilities: ['x'] } } },
  ])
})

for (const status of [401, 403, 500, 503]) {
  t.test(`a server that refuses with ${status} is not taken for an old one`, async (t) => {
    let isWell = false
    const far = await serveHttp(t, (_, response, body) => {
      const { id } = JSON.parse(body) as Message
      const result = {
        supportedVersions: [version],
        capabilities: {},
        resultType: 'complete',
        ttlMs: 0,
        cacheScope: 'private',
      }
      if (isWell)
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result }))
      else response.writeHead(status).end()
    })
    const { url, lines } = await gatewayBefore(t, remote('far', `${far.origin}/mcp`))
    await until(() => lines.find(({ text }) => text.includes(`HTTP status ${status}`)))
    t.notOk(far.seen.some(({ body }) => body.includes('"initialize"')))
    isWell = true
    t.match((await ask(`${url}/mcp/far`, 'server/discover', {})).messages[0]?.result, { supportedVersions: [version] })
  })
}
