import { homedir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { load, localServers, sandbox, server } from './harness.ts'

t.test('an empty file is the defaults', async (t) => {
  const config = await load(t, '')
  t.strictSame(config, {
    file: join(t.testdirName, 'config.toml'),
    server: {
      host: '127.0.0.1',
      port: 3000,
      tls: null,
      publicUrl: null,
      allowedHosts: [],
      allowedOrigins: [],
      maxSessions: 100,
      sessionIdleMs: 1_800_000,
      maxMessageBytes: 64 * 1024 * 1024,
      uidRange: [61184, 65519],
    },
    servers: [],
    auth: { type: 'none' },
    usedVariables: new Set(),
    warnings: [],
  })
})

t.test('a server that says only what to start gets the strictest policy', async (t) => {
  t.strictSame((await load(t, server())).servers, [
    {
      type: 'stdio',
      image: null,
      name: 'files',
      command: 'node',
      args: [],
      env: {},
      cwd: null,
      tags: [],
      description: '',
      enabled: true,
      startupTimeoutMs: 30_000,
      requestTimeoutMs: 300_000,
      maxInstances: 16,
      protocol: 'auto',
      sharing: 'auto',
      policy: {
        name: 'files',
        network: false,
        filesystem: { kind: 'readonly' },
        inheritEnvironment: false,
        limits: {
          memoryMb: { value: 512, written: false },
          cpuPercent: { value: 50, written: false },
          pids: { value: 256, written: false },
        },
        traffic: { uploadMb: { value: 1024, written: false }, downloadMb: { value: 16_384, written: false } },
        allowPersistence: [],
        bestEffort: [],
      },
    },
  ])
})

t.test('a limit that is written is known as such, at its default too', async (t) => {
  const servers = localServers(await load(t, sandbox('max_memory_mb = 512\nmax_pids = 20\nmax_upload_mb = 9')))
  t.strictSame(servers[0]?.policy?.limits, {
    memoryMb: { value: 512, written: true },
    cpuPercent: { value: 50, written: false },
    pids: { value: 20, written: true },
  })
  t.match(servers[0]?.policy?.traffic, { uploadMb: { value: 9, written: true }, downloadMb: { written: false } })
})

t.test('relative paths follow the file, "~" is the home, arguments stay', async (t) => {
  const text = `[server]\ncert_path = "tls/c.pem"\nkey_path = "~/k.pem"
[[servers]]\nname = "a"\ncommand = "./bin/../run"\nargs = ["./x", "~"]\ncwd = "~"
[servers.sandbox]\nfilesystem = ["data", "../up:ro", "/abs/:ro", "~/x", "with:colon"]`
  const config = await load(t, text, { HOME: '/home/ann' })
  const { server } = config
  const servers = localServers(config)
  const folder = t.testdirName
  t.strictSame(server.tls, { certPath: join(folder, 'tls/c.pem'), keyPath: '/home/ann/k.pem' })
  t.match(servers[0], { command: join(folder, 'run'), args: ['./x', '~'], cwd: '/home/ann' })
  t.strictSame(servers[0]?.policy?.filesystem, {
    kind: 'paths',
    grants: [
      { path: join(folder, 'data'), access: 'rw' },
      { path: join(folder, '../up'), access: 'ro' },
      { path: '/abs', access: 'ro' },
      { path: '/home/ann/x', access: 'rw' },
      { path: join(folder, 'with:colon'), access: 'rw' },
    ],
  })
})

t.test('without HOME the home is what the account says', async (t) => {
  t.equal(localServers(await load(t, server('cwd = "~"')))[0]?.cwd, homedir())
})

t.test('weakenings arrive as written', async (t) => {
  const rest =
    'network = "host"\nallow_gateway_access = true\nenv_inherit = true\nallow_persistence = ["git"]\nbest_effort = ["cpu", "cpu"]'
  const config = await load(t, sandbox(`filesystem = "full"\n${rest}`))
  const servers = localServers(config)
  const { warnings } = config
  t.match(servers[0]?.policy, {
    network: 'host',
    filesystem: { kind: 'full' },
    inheritEnvironment: true,
    allowPersistence: ['git'],
  })
  t.strictSame(servers[0]?.policy?.bestEffort, ['cpu'])
  t.match(warnings, [/:7:24: server "files" can call this gateway$/])
})

t.test('copies that all callers share are worth a warning, others are not', async (t) => {
  const warningsOf = async (instance: string) =>
    (await load(t, `[[servers]]\nname = "files"\ncommand = "node"\ninstance = "${instance}"`)).warnings
  t.match(await warningsOf('shared'), [/:4:12: all callers share the copies of server "files"$/])
  t.same(await warningsOf('principal'), [])
})

t.test('a server without a sandbox has no policy, and a warning with its place', async (t) => {
  const config = await load(t, sandbox('enabled = false'))
  const servers = localServers(config)
  const { warnings } = config
  t.equal(servers[0]?.policy, null)
  t.match(warnings, [/config\.toml:5:11: server "files" runs without a sandbox$/])
})

t.test('a public URL has no slash at its end', async (t) => {
  t.equal(
    (await load(t, '[server]\npublic_url = "https://x.example/base/"')).server.publicUrl,
    'https://x.example/base',
  )
})
