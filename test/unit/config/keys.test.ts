import t from 'tap'
import { keysOfTable } from '../../../lib/config/schema/index.ts'
import { refusalOf, sandbox, server } from './harness.ts'

/** A value that each key takes, and values that it refuses; written as TOML. */
interface Key {
  readonly takes: readonly string[]
  readonly refuses: readonly string[]
  /** Its feature is for a later release: `takes` are of the right type, and refused with those words. */
  readonly later?: true
  /** It is of a server with a url; where it is the url itself, of a server with nothing else. */
  readonly remote?: true
  /** What must stand beside it. */
  readonly beside?: string
}

const flag = { takes: ['true', 'false'], refuses: ['1', '"true"'] }
const laterText = { takes: ['"https://x.example"'], refuses: ['1', '""'], later: true } as const

const keys: Record<string, Record<string, Key>> = {
  server: {
    host: { takes: ['"127.0.0.1"', '"::1"', '"localhost"'], refuses: ['1', '""', '"a b"', '"-a"', '"http://x"'] },
    port: { takes: ['0', '65535'], refuses: ['-1', '65536', '"80"', '1.5', 'inf', 'nan'] },
    cert_path: { takes: ['"c.pem"'], refuses: ['1', '""', '"\\u0000"'], beside: 'key_path = "k.pem"' },
    key_path: { takes: ['"k.pem"'], refuses: ['false', '""'], beside: 'cert_path = "c.pem"' },
    public_url: {
      takes: ['"https://mcp.example.com"', '"http://[::1]:3000/base/"'],
      refuses: ['1', '"mcp.example.com"', '"ftp://x"', '"https://user:pw@x"', '"https://x/?a"', '"https://x/#a"'],
    },
    allowed_hosts: {
      takes: ['[]', '["mcp.example.com", "mcp.example.com:8443", "[::1]:3000", "192.0.2.1"]'],
      refuses: [
        '"x"',
        '["*"]',
        '["*.example.com"]',
        '["X.example"]',
        '["https://x"]',
        '["x:99999"]',
        '["[::1"]',
        '[1]',
      ],
    },
    allowed_origins: {
      takes: ['[]', '["https://app.example.com", "http://localhost:5173", "vscode-webview://abc"]'],
      refuses: ['"x"', '["*"]', '["null"]', '["https://x.example/"]', '["https://x:443"]', '["x.example"]', '[1]'],
    },
    trusted_proxies: { takes: ['["10.0.0.1"]'], refuses: ['"10.0.0.1"', '[1]'], later: true },
    max_sessions: { takes: ['1', '10000'], refuses: ['0', '10001'] },
    session_idle_seconds: { takes: ['10', '86400'], refuses: ['9', '86401'] },
    max_message_mb: { takes: ['1', '1023'], refuses: ['0', '1024'] },
    uid_range: {
      takes: ['"61184-65519"', '"1000-1511"', '"100000-165535"'],
      refuses: ['1', '"0-65519"', '"1000-1510"', '"61184-65534"', '"65000-66000"', '"1000-4294967296"', '"x"'],
    },
  },
  auth: {
    type: { takes: ['"none"'], refuses: ['1', '"basic"'] },
    auth_type: { takes: ['"none"'], refuses: ['1', '"basic"'] },
    token: { takes: ['"0123456789abcdef"'], refuses: ['1', '""', '"short"'], beside: 'type = "static"' },
    issuer: laterText,
    client_id: laterText,
  },
  features: {
    auth: { takes: ['false'], refuses: ['0'] },
    sandbox: { takes: ['true', 'false'], refuses: ['0'] },
    scope_validation: { takes: ['true'], refuses: ['1'], later: true },
    hot_reload: { takes: ['true'], refuses: ['1'], later: true },
    audit_logging: { takes: ['true'], refuses: ['1'], later: true },
  },
  rate_limit: {
    requests_per_minute: { takes: ['100'], refuses: ['0', '"100"'], later: true },
    burst_size: { takes: ['10'], refuses: ['0', '"10"'], later: true },
  },
  audit: {
    path: { takes: ['"a"'], refuses: ['1'], later: true },
    format: { takes: ['"json"', '"pretty"'], refuses: ['"xml"'], later: true },
    max_size_mb: { takes: ['1'], refuses: ['0'], later: true },
    max_files: { takes: ['1'], refuses: ['0'], later: true },
  },
  servers: {
    type: { takes: ['"stdio"'], refuses: ['1', '"tcp"', '"websocket"'] },
    args: { takes: ['[]', '["a", ""]'], refuses: ['"a"', '[1]', '["\\u0000"]', `[${'"a",'.repeat(257)}]`] },
    env: { takes: ['{}', '{ A_1 = "" }'], refuses: ['"A=1"', '{ A = 1 }', '{ "A=" = "x" }', '{ 1A = "x" }'] },
    cwd: { takes: ['"/tmp"', '"~"', '"work"'], refuses: ['1', '""'] },
    url: {
      takes: [
        '"https://x.example"',
        '"https://x.example:8443/mcp?key=1"',
        '"http://localhost:3001"',
        '"http://[::1]/"',
      ],
      refuses: ['1', '""', '"x.example"', '"ftp://x.example"', '"https://a:b@x.example"', '"https://x.example/#a"'],
      remote: true,
    },
    headers: {
      takes: ['{}', '{ Authorization = "Bearer a b", X-Api-Key = "k" }', '{ Cookie = "a=b" }'],
      refuses: ['"A: b"', '{ A = 1 }', '{ "A:" = "b" }', '{ Host = "x" }', '{ mcp-session-id = "x" }'],
      remote: true,
    },
    allow_private: { ...flag, remote: true },
    tags: { takes: ['[]', '["a", "B.c_d-1"]'], refuses: ['"a"', '["a b"]', '[""]', `[${'"a",'.repeat(33)}]`] },
    description: { takes: ['"x"'], refuses: ['1', `"${'x'.repeat(1025)}"`] },
    enabled: flag,
    startup_timeout_seconds: { takes: ['1', '3600'], refuses: ['0', '3601'] },
    request_timeout_seconds: { takes: ['1', '86400'], refuses: ['0', '86401'] },
    max_instances: { takes: ['1', '1000'], refuses: ['0', '1001'] },
    protocol: { takes: ['"auto"', '"legacy"', '"2026-07-28"'], refuses: ['"2025-11-25"', '"modern"', '1'] },
    instance: { takes: ['"auto"', '"session"', '"principal"', '"shared"'], refuses: ['"none"', 'true'] },
    sandbox: { takes: ['{}', '{ enabled = true }'], refuses: ['true', '[]'] },
  },
  'servers.sandbox': {
    enabled: flag,
    type: { takes: ['"default"'], refuses: ['1', '"docker"'] },
    image: {
      takes: ['"alpine"', '"localhost:5000/a/b:1.2"', `"x@sha256:${'0'.repeat(64)}"`].map(
        (name) => `${name}\ntype = "container"`,
      ),
      refuses: ['""', '1', '"-v"', '"--privileged"', '"oci:/tmp/x"', '"a b"', '"docker://a"', '"x@sha256:0"'],
    },
    network: {
      takes: ['false', 'true', '[]', '["example.com:443", "*.example.org:443", "10.1.2.3:5432", "npm"]'],
      refuses: ['"no"', '0', '[1]', '["example.com"]', '["*:443"]', '["169.254.169.254:80"]'],
    },
    allow_gateway_access: flag,
    filesystem: {
      takes: ['"readonly"', '"host-readonly"', '"full"', '[]', '["a", "/b:ro", "~/c"]'],
      refuses: ['true', '"read-only"', '[1]', '[""]', '[":ro"]', `[${Array.from({ length: 65 }, (_, i) => `"${i}"`)}]`],
    },
    env_inherit: flag,
    allow_persistence: { takes: ['[]', '["git", "login"]'], refuses: ['true', '["all"]', '"git"'] },
    max_memory_mb: { takes: ['16', '1048576'], refuses: ['15', '1048577', '"512"'] },
    max_cpu_percent: { takes: ['1', '102400'], refuses: ['0', '102401'] },
    max_pids: { takes: ['1', '65536'], refuses: ['0', '65537'] },
    max_upload_mb: { takes: ['1', '1073741824'], refuses: ['0', '1073741825', '"1"'] },
    max_download_mb: { takes: ['1', '1073741824'], refuses: ['0', '1073741825'] },
    best_effort: { takes: ['[]', '["cpu", "pids"]'], refuses: ['true', '["all"]', '"cpu"'] },
  },
  registry: {
    url: laterText,
    cache_dir: { takes: ['"c"'], refuses: ['1'], later: true },
    cache_ttl_hours: { takes: ['24'], refuses: ['0'], later: true },
  },
}

function document(table: string, line: string, { beside = '', remote }: Partial<Key>): string {
  if (remote) return `[[servers]]\nname = "a"\n${line.startsWith('url') ? '' : 'url = "https://x.example"'}\n${line}\n`
  if (table === 'servers') return server(line)
  if (table === 'servers.sandbox') return sandbox(line)
  return `[${table}]\n${line}\n${beside}\n`
}

for (const [table, ofTable] of Object.entries(keys)) {
  for (const [key, entry] of Object.entries(ofTable)) {
    const { takes, refuses, later } = entry
    t.test(`${table}.${key} takes what it should${later ? ', and is not yet supported' : ''}`, async (t) => {
      for (const value of takes) {
        const lines = await refusalOf(t, document(table, `${key} = ${value}`, entry))
        if (later) t.match(lines, [/ is not yet supported: it comes with /], `${key} = ${value}`)
        else if (table === 'features' && value === 'false') t.pass('its meaning has tests of its own')
        else t.strictSame(lines, [], `${key} = ${value}`)
        t.equal(lines.length, later ? 1 : 0)
      }
    })
    t.test(`${table}.${key} refuses what it should`, async (t) => {
      for (const value of refuses) {
        const lines = await refusalOf(t, document(table, `${key} = ${value}`, entry))
        t.match(lines.join('\n'), /^config\.toml:\d+:\d+: .*expected/, `${key} = ${value}`)
        t.notMatch(lines.join('\n'), /not yet supported/)
      }
    })
  }
}

const laterValues: [what: string, text: string][] = [
  ['auth.type = "jwt"', '[auth]\ntype = "jwt"'],
  ['auth.auth_type = "oauth"', '[auth]\nauth_type = "oauth"'],
  ['a [[presets]] table', '[[presets]]\nname = "x"\ntags = ["a"]'],
  ['an empty [rate_limit] table', '[rate_limit]'],
]

for (const [what, text] of laterValues) {
  t.test(`${what} is not yet supported, and that is all that is said`, async (t) => {
    const lines = await refusalOf(t, text)
    t.equal(lines.length, 1)
    t.match(lines[0], / is not yet supported: it comes with /)
  })
}

for (const name of ['a', '0', 'a-b', 'a--b', 'a'.repeat(32), 'presets']) {
  t.test(`${name} is a server name`, async (t) => {
    t.strictSame(await refusalOf(t, server('', name)), [])
  })
}

for (const name of ['', '-a', 'a-', 'A', 'a_b', 'a__b', 'a.b', 'a b', 'é', 'a'.repeat(33), 'preset', 'api', 'health']) {
  t.test(`"${name}" is no server name`, async (t) => {
    t.match(
      (await refusalOf(t, server('', name)))[0],
      /^config\.toml:2:8: servers\..*\.name: expected a name of 1 to 32/,
    )
  })
}

t.test('at most 256 servers', async (t) => {
  const servers = (count: number) => Array.from({ length: count }, (_, index) => server('', `s${index}`)).join('')
  t.strictSame(await refusalOf(t, servers(256)), [])
  t.strictSame(await refusalOf(t, servers(257)), [
    'config.toml:1:1: servers: expected at most 256 [[servers]] tables, got a list of 257',
  ])
})

t.test('every key of the schema is tried here', async (t) => {
  const elsewhere = new Set(['servers.name', 'servers.command', 'presets.name', 'presets.tags', 'presets.description'])
  for (const [table, names] of keysOfTable) {
    const missing = names.filter((name) => table !== '' && !elsewhere.has(`${table}.${name}`) && !keys[table]?.[name])
    t.strictSame(missing, [], table)
  }
})
