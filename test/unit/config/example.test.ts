import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../../lib/config/load.ts'
import { keysOfTable } from '../../../lib/config/schema/index.ts'
import { localServers, refusalOf } from './harness.ts'

const lines = readFileSync('config.example.toml', 'utf8').split('\n')
const env = { MCPO_TOKEN: '0123456789abcdef' }

/** Keys of which one alone is refused. */
const together: string[][] = [
  ['server.cert_path', 'server.key_path'],
  ['auth.type', 'auth.token'],
]

interface Commented {
  readonly line: number
  /** Line of the table's header, where that is commented out too; else -1. */
  readonly header: number
  /** Line of the `[[servers]]` that it belongs to, where that is commented out; else -1. All its keys go together. */
  readonly entry: number
  /** `server.port` */
  readonly name: string
  readonly isLater: boolean
}

function commentedKeys(): Commented[] {
  const found: Commented[] = []
  let table = ''
  let header = -1
  let entry = -1
  for (const [line, text] of lines.entries()) {
    const opened = /^(#?)\[+([a-z._]+)\]+$/.exec(text)
    if (opened !== null) {
      table = opened[2] ?? ''
      header = opened[1] === '#' ? line : -1
      if (text.includes('[[')) entry = header
      else if (!table.includes('.')) entry = -1
    }
    const key = /^#([a-z_]+) = /.exec(text)?.[1]
    if (key === undefined) continue
    const noteLine = header === -1 ? line : header
    found.push({
      line,
      header,
      entry,
      name: `${table}.${key}`,
      isLater: (lines[noteLine - 1] ?? '').startsWith('# Not yet supported'),
    })
  }
  return found
}

function uncommented(chosen: readonly Commented[]): string {
  const open = new Set(chosen.flatMap(({ line, header }) => [line, header]))
  return lines.map((text, line) => (open.has(line) ? text.slice(1) : text)).join('\n')
}

const commented = commentedKeys()

for (const key of commented) {
  const group = together.find((names) => names.includes(key.name)) ?? [key.name]
  const isBeside = ({ name, entry }: Commented) =>
    (key.entry === -1 ? group.includes(name) : true) && entry === key.entry
  t.test(
    `${key.name} is ${key.isLater ? 'refused as not yet supported' : 'valid'} when its line is uncommented`,
    async (t) => {
      const refusal = await refusalOf(t, uncommented(commented.filter(isBeside)), env)
      if (!key.isLater) return t.strictSame(refusal, [])
      t.equal(refusal.length, 1, refusal.join('\n'))
      const place = key.header === -1 ? key.line : key.header
      return t.match(refusal[0], new RegExp(`^config\\.toml:${place + 1}:1: .* is not yet supported: it comes with `))
    },
  )
}

t.test('everything that is supported is valid at once', async (t) => {
  const exclusive = new Set(['auth.auth_type', 'features.auth'])
  const chosen = commented.filter(({ name, isLater }) => !isLater && !exclusive.has(name))
  t.strictSame(await refusalOf(t, uncommented(chosen), env), [])
})

t.test('what is shown as a default is the default', async (t) => {
  const shown = [
    'host',
    'port',
    'max_sessions',
    'session_idle_seconds',
    'max_message_mb',
    'uid_range',
    'enabled',
    'network',
  ]
  const limits = ['startup_timeout_seconds', 'request_timeout_seconds', 'max_instances', 'env_inherit', 'auth_type']
  const names = new Set([...shown, ...limits])
  const write = (text: string) => join(t.testdir({ 'config.toml': text }), 'config.toml')
  const chosen = commented.filter(({ name }) => names.has(name.split('.').at(-1) ?? ''))
  const asItIs = await loadConfig(write(lines.join('\n')), env)
  t.strictSame(await loadConfig(write(uncommented(chosen)), env), asItIs)
  const limit = (name: string) => Number(lines.find((line) => line.startsWith(`#${name} = `))?.split(' = ')[1])
  const { limits: found, traffic } = localServers(asItIs)[1]?.policy ?? {}
  t.equal(found?.memoryMb.value, limit('max_memory_mb'))
  t.equal(found?.cpuPercent.value, limit('max_cpu_percent'))
  t.equal(found?.pids.value, limit('max_pids'))
  t.equal(traffic?.uploadMb.value, limit('max_upload_mb'))
  t.equal(traffic?.downloadMb.value, limit('max_download_mb'))
})

t.test('every key of the schema is shown', async (t) => {
  const shown = new Set(commented.map(({ name }) => name))
  let table = ''
  for (const text of lines) {
    table = /^\[+([a-z._]+)\]+$/.exec(text)?.[1] ?? table
    const key = /^([a-z_]+) = /.exec(text)?.[1]
    if (key !== undefined) shown.add(`${table}.${key}`)
  }
  const tables = new Set(keysOfTable.keys())
  for (const [path, keys] of keysOfTable) {
    const names = path === '' ? [] : keys.map((key) => `${path}.${key}`).filter((name) => !tables.has(name))
    t.strictSame(
      names.filter((name) => !shown.has(name)),
      [],
      path,
    )
  }
})

t.test('the file as it is runs two servers that the clone has, each in its sandbox', async (t) => {
  const config = await loadConfig('config.example.toml', {})
  const { file, warnings, auth, usedVariables } = config
  const servers = localServers(config)
  t.strictSame(
    servers.map(({ name }) => name),
    ['filesystem', 'everything'],
  )
  t.strictSame(warnings, [])
  t.strictSame(auth, { type: 'none' })
  t.equal(usedVariables.size, 0)
  for (const { args, policy, enabled } of servers) {
    t.ok(existsSync(args[0] ?? ''), `${args[0]} is there`)
    t.ok(enabled && policy !== null)
    t.equal(policy?.network, false)
  }
  const folder = join(dirname(file), 'examples/files')
  t.ok(existsSync(join(folder, 'readme.md')))
  t.strictSame(servers[0]?.policy?.filesystem, { kind: 'paths', grants: [{ path: folder, access: 'rw' }] })
  t.strictSame(servers[1]?.policy?.filesystem, { kind: 'readonly' })
})
