import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { RemoteSettings } from '../../../lib/config/model.ts'
import { load, refusalOf, server } from './harness.ts'

const secret = 'hunter2hunter2'

function remote(rest: string): string {
  return `[[servers]]\nname = "far"\n${rest}\n`
}

async function remoteOf(t: Parameters<typeof load>[0], text: string, env: NodeJS.ProcessEnv = {}) {
  const [settings] = (await load(t, text, env)).servers
  if (settings === undefined || settings.type === 'stdio') throw new Error('no remote server')
  return settings satisfies RemoteSettings
}

t.test('a server with a url speaks http, with nothing of a local one', async (t) => {
  const settings = await remoteOf(t, remote('url = "https://x.example/mcp"'))
  t.match(settings, { type: 'http', url: 'https://x.example/mcp', headers: {}, allowPrivate: false })
  t.notOk('command' in settings || 'policy' in settings)
})

for (const [type, meant] of [
  ['http', 'http'],
  ['streamable-http', 'http'],
  ['sse', 'sse'],
] as const) {
  t.test(`type = "${type}" means ${meant}`, async (t) => {
    t.equal((await remoteOf(t, remote(`type = "${type}"\nurl = "https://x.example"`))).type, meant)
  })
}

const refused: [what: string, text: string, line: RegExp][] = [
  [
    'HTTP+SSE and the modern revision',
    remote('type = "sse"\nurl = "https://x.example"\nprotocol = "2026-07-28"'),
    /protocol = "2026-07-28" \(line 5\) disagrees with servers\.far\.type = "sse" \(line 3\)/,
  ],
  ['no url', remote('type = "http"'), /servers\.far\.url is missing: expected where the server is/],
  ['a url and type stdio', server('type = "stdio"\nurl = "https://x.example"'), /\.url is for servers with a url/],
  ['headers without a url', server('headers = { A = "b" }'), /\.headers is for servers with a url/],
  ['allow_private without a url', server('allow_private = true'), /\.allow_private is for servers with a url/],
  ['no TLS', remote('url = "http://x.example"'), /\.url has no TLS, .*; use https, or allow_private = true/],
  ['no TLS to a private address', remote('url = "http://10.0.0.1"'), /\.url has no TLS/],
  [
    'a url and a command',
    remote('url = "https://x.example"\ncommand = "node"'),
    /\.command is for servers that the gate/,
  ],
  [
    'a url and a sandbox',
    remote('url = "https://x.example"\n[servers.sandbox]\nnetwork = false'),
    /\.sandbox is for servers that the gateway starts/,
  ],
]

for (const [what, text, line] of refused) {
  t.test(`${what} is refused`, async (t) => {
    const lines = await refusalOf(t, text)
    t.equal(lines.length, 1, lines.join('\n'))
    t.match(lines[0], line)
  })
}

for (const url of [
  'http://localhost:1',
  'http://a.localhost',
  'http://127.1.2.3',
  'http://[::1]:3',
  'http://2130706433',
]) {
  t.test(`${url} needs no TLS, because it can only be this machine`, async (t) => {
    t.strictSame(await refusalOf(t, remote(`url = "${url}"`)), [])
  })
}

t.test('allow_private lets a server in the own network do without TLS', async (t) => {
  const settings = await remoteOf(t, remote('url = "http://10.0.0.1/mcp"\nallow_private = true'))
  t.equal(settings.allowPrivate, true)
})

t.test('features.sandbox = false asks nothing of a server that runs elsewhere', async (t) => {
  t.strictSame(await refusalOf(t, `[features]\nsandbox = false\n${remote('url = "https://x.example"')}`), [])
})

t.test('a header takes its value from a variable, which then no server inherits', async (t) => {
  const text = remote('url = "https://x.example"\nheaders = { A = "env:FAR_KEY", B = "Bearer ${FAR_TOKEN}" }')
  const config = await load(t, text, { FAR_KEY: secret, FAR_TOKEN: 'x' })
  t.match(config.servers[0], { headers: { A: secret, B: 'Bearer x' } })
  t.strictSame([...config.usedVariables].sort(), ['FAR_KEY', 'FAR_TOKEN'])
})

t.test('a header takes its value from a file that only its owner reads', async (t) => {
  const text = remote('url = "https://x.example"\nheaders = { Authorization = "file:key.txt" }')
  const file = join(t.testdir({ 'config.toml': text, 'key.txt': `Bearer ${secret}\n` }), 'key.txt')
  chmodSync(file, 0o600)
  const { loadConfig } = await import('../../../lib/config/load.ts')
  const path = join(t.testdirName, 'config.toml')
  t.match((await loadConfig(path, {})).servers[0], { headers: { Authorization: `Bearer ${secret}` } })
  chmodSync(file, 0o644)
  await t.rejects(loadConfig(path, {}), {
    code: 'CONFIG_ERROR',
    message: /headers\.Authorization: .* can be read by others/,
  })
  writeFileSync(file, 'a\nb')
  chmodSync(file, 0o600)
  await t.rejects(loadConfig(path, {}), {
    code: 'CONFIG_ERROR',
    message: /expected a header value of 1 to 8192 visible/,
  })
})

t.test('what is wrong with a header is said without its value', async (t) => {
  for (const value of [`${secret}\\n`, `${secret} `, `é${secret}`, `env:${secret}-`, 'env:NOT_SET']) {
    const lines = await refusalOf(t, remote(`url = "https://x.example"\nheaders = { Authorization = "${value}" }`))
    t.equal(lines.length, 1, value)
    t.match(lines[0], /^config\.toml:4:29: servers\.far\.headers\.Authorization: /)
    t.notMatch(lines[0], secret)
  }
})
