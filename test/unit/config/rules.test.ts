import t from 'tap'
import { load, refusalOf, sandbox, server } from './harness.ts'

const goodToken = 'token = "0123456789abcdef"'

/** What is wrong, a text that is wrong so, and every line of the error. */
const bad: [what: string, text: string, lines: string[]][] = [
  ['text that is no TOML', 'a = \n', ['config.toml:1:1: not valid TOML: Expected value, reached EOF']],
  ['a table twice', '[auth]\n[server]\n[auth]', ['config.toml:3:1: not valid TOML: Table already defined: auth']],
  [
    'an unknown table',
    '[servr]\nport = 1',
    ['config.toml:1:1: unknown key "servr" at the top of the file; did you mean "server"?'],
  ],
  ['an unknown key', '[server]\n\n  prot = 1', ['config.toml:3:3: unknown key "prot" in server; did you mean "port"?']],
  ['an unknown key like no other', '[server]\nzzzzzz = 1', ['config.toml:2:1: unknown key "zzzzzz" in server']],
  [
    'a key of another table',
    server('network = false'),
    ['config.toml:4:1: unknown key "network" in servers.files; it belongs in [servers.sandbox]'],
  ],
  [
    'an unknown key in the second server',
    server() + server('tgas = []', 'b'),
    ['config.toml:8:1: unknown key "tgas" in servers.b; did you mean "tags"?'],
  ],
  [
    'a key named __proto__',
    '[server]\n__proto__ = 1',
    ['config.toml:2:1: not valid TOML: "__proto__" cannot be a key'],
  ],
  [
    'a string where a number belongs',
    '[server]\nport = "80"',
    ['config.toml:2:8: server.port: expected a whole number from 0 to 65535, got "80"'],
  ],
  [
    'a number out of bounds',
    '[server]\nport = 65536',
    ['config.toml:2:8: server.port: expected a whole number from 0 to 65535, got 65536'],
  ],
  [
    'a number with a fraction',
    '[server]\nport = 1.5',
    ['config.toml:2:8: server.port: expected a whole number from 0 to 65535, got 1.5'],
  ],
  [
    'a number beyond 2^53',
    '[server]\nport = 9007199254740993',
    ['config.toml:2:8: server.port: expected a whole number from 0 to 65535, got 9007199254740993'],
  ],
  [
    'a date',
    '[server]\nport = 2026-01-01',
    ['config.toml:2:8: server.port: expected a whole number from 0 to 65535, got a date or time'],
  ],
  ['no table where one belongs', 'server = 3', ['config.toml:1:10: server: expected a table, got 3']],
  [
    'one table where a list belongs',
    '[servers]\nname = "a"',
    ['config.toml:1:1: servers: expected a list of [[servers]] tables, got a table'],
  ],
  [
    'an unknown word',
    '[auth]\ntype = "statc"',
    ['config.toml:2:8: auth.type: expected "none", "static", "jwt" or "oauth", got "statc"; did you mean "static"?'],
  ],
  [
    'an unknown guarantee',
    sandbox('best_effort = ["cpu", "memry"]'),
    [
      'config.toml:5:23: servers.files.sandbox.best_effort.2: expected "fs-read", "fs-write", "network", "process-isolation", "kernel-surface", "privileges", "environment", "memory", "cpu", "pids", "disk" or "no-orphans", got "memry"; did you mean "memory"?',
    ],
  ],
  [
    'an argument of the wrong type',
    server('args = ["a",\n  3]'),
    ['config.toml:5:3: servers.files.args.2: expected a string of at most 32768 characters, without NUL, got 3'],
  ],
  [
    'NUL in an argument, which is not quoted',
    server('args = ["\\u0000"]'),
    [
      'config.toml:4:9: servers.files.args.1: expected a string of at most 32768 characters, without NUL, got a string of 1 characters',
    ],
  ],
  [
    'a variable name that no environment can have',
    server('env = { "a b" = "x" }'),
    ['config.toml:4:9: servers.files.env: expected a variable name of letters, digits and "_", got "a b"'],
  ],
  [
    'a server without a name',
    '[[servers]]\ncommand = "x"',
    [
      'config.toml:1:1: servers.1.name is missing: expected a name of 1 to 32 of a-z, 0-9 and "-", not "-" at either end, and not "preset", "api" or "health"',
    ],
  ],
  [
    'a server without a command',
    '[[servers]]\nname = "a"',
    ['config.toml:1:1: servers.a.command is missing: expected the program that starts the server'],
  ],
  [
    'a server name twice',
    server() + server('', 'b') + server(),
    ['config.toml:10:8: the server name "files" is taken already (line 2)'],
  ],
  [
    'a certificate without its key',
    '[server]\ncert_path = "c.pem"',
    ['config.toml:2:13: server.cert_path = "c.pem" (line 2) needs server.key_path, which is missing'],
  ],
  [
    'a key without its certificate',
    '[server]\nkey_path = "k.pem"',
    ['config.toml:2:12: server.key_path = "k.pem" (line 2) needs server.cert_path, which is missing'],
  ],
  [
    'two names of one setting that differ',
    `[auth]\ntype = "none"\nauth_type = "static"`,
    [
      'config.toml:3:13: auth.auth_type = "static" (line 3) disagrees with auth.type = "none" (line 2); they are one setting, write it once',
    ],
  ],
  [
    'a static type without a token',
    '[auth]\ntype = "static"',
    ['config.toml:2:8: auth.type = "static" (line 2) needs auth.token, which is missing'],
  ],
  [
    'a token that nobody is asked for',
    `[auth]\n${goodToken}`,
    [
      'config.toml:2:9: auth.token disagrees with auth.type = "none" (the default): nobody would be asked for the token; write type = "static"',
    ],
  ],
  [
    'a short token, which is not quoted',
    '[auth]\ntype = "static"\ntoken = "0123456789abcde"',
    ['config.toml:3:9: auth.token: expected a token of at least 16 characters, got 15'],
  ],
  [
    'a token that no header can carry',
    '[auth]\ntype = "static"\ntoken = "0123456789 abcdef"',
    [
      'config.toml:3:9: auth.token: expected a token of at most 4096 letters, digits and "-._~+/", "=" only at its end, as a Bearer header can carry it',
    ],
  ],
  [
    'features.auth on, auth.type none',
    '[auth]\ntype = "none"\n[features]\nauth = true',
    ['config.toml:4:8: features.auth = true (line 4) disagrees with auth.type = "none" (line 2)'],
  ],
  [
    'features.auth off, auth.type static',
    `[features]\nauth = false\n[auth]\nauth_type = "static"\n${goodToken}`,
    ['config.toml:2:8: features.auth = false (line 2) disagrees with auth.auth_type = "static" (line 4)'],
  ],
  [
    "features.sandbox off, a server's sandbox on",
    `[features]\nsandbox = false\n${sandbox('enabled = true')}`,
    [
      'config.toml:7:11: servers.files.sandbox.enabled = true (line 7) disagrees with features.sandbox = false (line 2); write enabled = false for each server that shall run without a sandbox',
    ],
  ],
  [
    'features.sandbox off, a server that says nothing',
    `[features]\nsandbox = false\n${server()}`,
    [
      'config.toml:3:1: servers.files.sandbox.enabled = true (the default) disagrees with features.sandbox = false (line 2); write enabled = false for each server that shall run without a sandbox',
    ],
  ],
  [
    'sandbox type none with enabled true',
    sandbox('enabled = true\ntype = "none"'),
    [
      'config.toml:6:8: servers.files.sandbox.type = "none" (line 6) disagrees with servers.files.sandbox.enabled = true (line 5); write enabled = false to run without a sandbox',
    ],
  ],
  [
    'sandbox type none, enabled by default',
    sandbox('type = "none"'),
    [
      'config.toml:5:8: servers.files.sandbox.type = "none" (line 5) disagrees with servers.files.sandbox.enabled = true (the default); write enabled = false to run without a sandbox',
    ],
  ],
  [
    'the host network without authentication',
    sandbox('network = "host"'),
    [
      'config.toml:5:11: servers.files.sandbox.network = "host" (line 5) lets the server call this gateway, by auth.type = "none" (the default); set auth.type = "static" with a token, or allow_gateway_access = true beside it',
    ],
  ],
  [
    'a limit on what nobody counts',
    sandbox('network = "host"\nallow_gateway_access = true\nmax_upload_mb = 5'),
    [
      'config.toml:7:17: servers.files.sandbox.max_upload_mb = 5 (line 7) cannot be held beside servers.files.sandbox.network = "host" (line 5); list the destinations in network, or leave it out',
    ],
  ],
  [
    'an open address without authentication',
    '[server]\nhost = "0.0.0.0"',
    [
      'config.toml:2:8: server.host = "0.0.0.0" (line 2) lets other machines call without a token, by auth.type = "none" (the default); set auth.type = "static" with a token, or listen on 127.0.0.1',
    ],
  ],
  [
    'a path granted twice',
    sandbox('filesystem = ["/a", "/b", "/a:ro"]'),
    [
      'config.toml:5:27: servers.files.sandbox.filesystem.3 = "/a:ro" (line 5) is granted already by servers.files.sandbox.filesystem.1 = "/a" (line 5)',
    ],
  ],
  [
    'several at once, in the order of the file',
    '[server]\nport = -1\nprot = 1\n[auth]\ntype = 3',
    [
      'config.toml:2:8: server.port: expected a whole number from 0 to 65535, got -1',
      'config.toml:3:1: unknown key "prot" in server; did you mean "port"?',
      'config.toml:5:8: auth.type: expected "none", "static", "jwt" or "oauth", got 3',
    ],
  ],
]

for (const [what, text, lines] of bad) {
  t.test(`${what} is refused where it stands`, async (t) => {
    t.strictSame(await refusalOf(t, text), lines)
  })
}

/** The other side of each rule. */
const good: [what: string, text: string][] = [
  ['an empty file', ''],
  ['a file that starts with a byte order mark', '\ufeff[server]\nport = 1'],
  ['certificate and key', '[server]\ncert_path = "c"\nkey_path = "k"'],
  ['both names of the type, the same', '[auth]\ntype = "none"\nauth_type = "none"'],
  ['a static type with a token', `[auth]\ntype = "static"\n${goodToken}`],
  ['features.auth on with a token', `[features]\nauth = true\n[auth]\ntype = "static"\n${goodToken}`],
  ['features.auth off without one', '[features]\nauth = false'],
  ['features.sandbox off and each server too', `[features]\nsandbox = false\n${sandbox('enabled = false')}`],
  ['features.sandbox on and one server off', `[features]\nsandbox = true\n${sandbox('enabled = false')}`],
  ['sandbox type none with enabled false', sandbox('type = "none"\nenabled = false')],
  ['the host network with a token', `[auth]\ntype = "static"\n${goodToken}\n${sandbox('network = "host"')}`],
  ['the host network with leave to call the gateway', sandbox('network = "host"\nallow_gateway_access = true')],
  ['limits on what passes the gateway', sandbox('network = true\nmax_upload_mb = 5\nmax_download_mb = 5')],
  ['an open address with a token', `[server]\nhost = "0.0.0.0"\n[auth]\ntype = "static"\n${goodToken}`],
  ['a container with an image', sandbox('type = "container"\nimage = "a"')],
  ['a container without a command', '[[servers]]\nname = "a"\nsandbox = { type = "container", image = "a" }'],
  ['loopback by other names', '[server]\nhost = "localhost"'],
  ['loopback of IPv6', '[server]\nhost = "::1"'],
  ['two servers, two names', server() + server('', 'b')],
]

for (const [what, text] of good) {
  t.test(`${what}: accepted`, async (t) => {
    await t.resolves(load(t, text))
  })
}

t.test('more than twenty problems are counted, not listed', async (t) => {
  const text = Array.from({ length: 25 }, (_, index) => `unknown_${index} = 1`).join('\n')
  const lines = await refusalOf(t, text)
  t.equal(lines.length, 21)
  t.equal(lines.at(-1), '… and 5 more')
})

t.test('an override is checked like the file, and named as it came', async (t) => {
  const overrides = [
    { path: ['server', 'port'], value: 70000, from: '--port' },
    { path: ['server', 'host'], value: '0.0.0.0', from: 'MCPO_HOST' },
  ]
  t.strictSame((await refusalOf(t, '[server]\nport = 1', {}, overrides)).sort(), [
    '--port: server.port: expected a whole number from 0 to 65535, got 70000',
    'MCPO_HOST: server.host = "0.0.0.0" (MCPO_HOST) lets other machines call without a token, by auth.type = "none" (the default); set auth.type = "static" with a token, or listen on 127.0.0.1',
  ])
})

t.test('an override stands above the file', async (t) => {
  const config = await load(t, '[server]\nport = 1', {}, [{ path: ['server', 'port'], value: 4000, from: '--port' }])
  t.equal(config.server.port, 4000)
  const none = await load(t, '[server]\nport = 1', {}, [{ path: ['server', 'port'], value: undefined, from: '--port' }])
  t.equal(none.server.port, 1)
})
