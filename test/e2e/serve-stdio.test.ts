/** `mcpo serve --stdio` as a process: SDK clients that start it, and what it does with what is no message. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { Client as ModernClient } from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { type CallToolResult, CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { fixtureServer } from '../fixtures/gateway.ts'
import { openingOf } from '../fixtures/wire.ts'
import { makeConfig } from '../support/serve.ts'
import { until } from '../support/until.ts'

const program = new URL('../../../bin/mcpo.js', import.meta.url).pathname

/** No sandbox, so that the test shows the command and not the host. */
const table = (name: string, script: string) => `[[servers]]
name = "${name}"
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(fixtureServer(script))}, "${name}"]
[servers.sandbox]
enabled = false
`
const legacy = table('fix', 'legacy.mjs')
const dual = table('dual', 'dual.mjs')

const configure = (t: Test, toml: string) => {
  const { file, env } = makeConfig(t, toml)
  return { args: [program, 'serve', '--stdio', '-c', file], env: env as Record<string, string> }
}

const textOf = (result: unknown) => ((result as CallToolResult).content[0] as { text: string }).text

async function connect(t: Test, toml: string, more: string[] = [], capabilities: object = {}): Promise<Client> {
  const { args, env } = configure(t, toml)
  const client = new Client({ name: 'starter', version: '1' }, { capabilities })
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...args, ...more],
    env,
    stderr: 'ignore',
  })
  await client.connect(transport as never)
  t.teardown(() => client.close())
  return client
}

interface Run {
  readonly child: ChildProcess
  say(message: unknown): void
  /** The next line of stdout, parsed. */
  heard(): Promise<{ id?: unknown; result?: object; error?: { code: number } }>
  readonly ended: Promise<unknown>
}

function run(t: Test, toml: string, more: string[] = []): Run {
  const { args, env } = configure(t, toml)
  const child = spawn(process.execPath, [...args, ...more], { env, stdio: ['pipe', 'pipe', 'ignore'] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    say: (message) => void child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    heard: async () => JSON.parse(String((await lines.next()).value)),
    ended: once(child, 'exit'),
  }
}

t.test('an SDK 1.x client starts it and uses all servers as one', async (t) => {
  const client = await connect(t, legacy + dual, [], { sampling: {} })
  const content = { type: 'text' as const, text: 'sampled' }
  client.setRequestHandler(CreateMessageRequestSchema, () => ({ model: 'm', role: 'assistant' as const, content }))
  t.match(client.getServerVersion(), { name: 'mcp-one' })
  const { tools } = await client.listTools()
  t.ok(['fix__echo', 'dual__echo'].every((name) => tools.some((tool) => tool.name === name)))
  t.equal(textOf(await client.callTool({ name: 'fix__echo', arguments: { value: 'hi' } })), 'hi')
  t.match(textOf(await client.callTool({ name: 'fix__sample', arguments: { value: 'x' } })), 'sampled')
})

t.test('with --server it is that one server, names as they are', async (t) => {
  const client = await connect(t, legacy + dual, ['--server', 'fix'])
  t.match(client.getServerVersion(), { name: 'fix' })
  t.equal(textOf(await client.callTool({ name: 'echo', arguments: { value: 'hi' } })), 'hi')
})

t.test('a modern SDK client needs no session, and its calls are cancelled by a notification', async (t) => {
  const { args, env } = configure(t, dual)
  const client = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new ModernTransport({ command: process.execPath, args, env, stderr: 'ignore' }))
  t.teardown(() => client.close())
  t.equal(client.getNegotiatedProtocolVersion(), '2026-07-28')
  t.equal(textOf(await client.callTool({ name: 'dual__echo', arguments: { value: 'hi' } })), 'hi')
  const controller = new AbortController()
  const hanging = client.callTool(
    { name: 'dual__hang', arguments: {} },
    {
      signal: controller.signal,
      onprogress: () => controller.abort(),
    },
  )
  await t.rejects(hanging)
  const count = async () => textOf(await client.callTool({ name: 'dual__aborted', arguments: {} }))
  t.ok(await until(async () => (await count()) === '1'))
})

t.test('what is no message is answered with an error, and the next message is served', async (t) => {
  const { say, heard } = run(t, `[server]\nmax_message_mb = 1\n${legacy}`)
  say('{"jsonrpc":')
  t.match(await heard(), { id: null, error: { code: -32700 } })
  say('{"a":1}')
  t.match(await heard(), { error: { code: -32600 } })
  say('[]')
  t.match(await heard(), { error: {} })
  say({ jsonrpc: '2.0', id: 1, method: 'ping', params: { fill: 'x'.repeat(1 << 20) } })
  t.match(await heard(), { error: { code: -31413 } })
  say({ jsonrpc: '2.0', id: 2, method: 'tools/list' })
  t.match(await heard(), { id: 2, error: { message: /no session yet/ } })
  say(openingOf())
  t.match(await heard(), { id: 0, result: { serverInfo: { name: 'mcp-one' } } })
  say(openingOf())
  t.match(await heard(), { id: 0, error: { message: /initialised already/ } })
  say({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'fix__echo', arguments: { value: 'v' } } })
  t.match(await heard(), { id: 3, result: {} })
})

t.test('an array of messages is served to a client whose revision has them, and to no other', async (t) => {
  const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' })
  for (const [revision, served] of [
    ['2025-03-26', true],
    ['2025-06-18', false],
  ] as const) {
    const { say, heard } = run(t, legacy)
    say(openingOf(revision))
    await heard()
    say([ping(1), ping(2)])
    const answer = await heard()
    if (served) t.match(answer, [{ id: 1 }, { id: 2 }])
    else t.match(answer, { id: null, error: { code: -32600 } })
  }
})

t.test('it ends when stdin ends: after the answers, with its servers', async (t) => {
  const { say, heard, child, ended } = run(t, legacy)
  say(openingOf())
  await heard()
  say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'fix__whoami' } })
  child.stdin?.end()
  const { result } = await heard()
  const pid = Number(textOf(result).split(':')[1])
  t.same(await ended, [0, null])
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

t.test('it ends on SIGTERM, and when its client no longer reads', async (t) => {
  const terminated = run(t, legacy)
  terminated.say(openingOf())
  await terminated.heard()
  terminated.child.kill('SIGTERM')
  t.same(await terminated.ended, [0, null])
  const unread = run(t, legacy)
  unread.say(openingOf())
  await unread.heard()
  unread.child.stdout?.destroy()
  unread.say({ jsonrpc: '2.0', id: 1, method: 'ping' })
  t.same(await unread.ended, [0, null])
})

for (const [what, more, code, words] of [
  ['options of the network', ['--port', '0'], 2, /port/],
  [
    'a server that is not there',
    ['--server', 'nobody'],
    1,
    /no server "nobody" in .*config.toml\nhint: .* fix, dual\./,
  ],
  ['a server that is disabled', ['--server', 'off'], 1, /"off" of .*config.toml is disabled\nhint: .*enabled = false/],
] as const) {
  t.test(`${what}: refused with words, and nothing on stdout`, async (t) => {
    const off = table('off', 'legacy.mjs').replace('[servers.sandbox]', 'enabled = false\n[servers.sandbox]')
    const { args, env } = configure(t, legacy + dual + off)
    const child = spawn(process.execPath, [...args, ...more], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, stderr, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    t.same([stdout, exit], ['', code], stderr)
    t.match(stderr, words)
  })
}
