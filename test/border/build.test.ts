/** The native build, without a home, a network or Node's headers, and without the tools that it needs. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const project = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'mcpo-build-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const copy = join(folder, 'package')
for (const part of ['native', 'binding.gyp', 'package.json']) {
  mkdirSync(copy, { recursive: true })
  cpSync(join(project, part), join(copy, part), { recursive: true })
}
symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'))

/** A folder with just these programs, to be the whole PATH. */
function toolbox(name: string, tools: readonly string[]): string {
  const box = join(folder, name)
  mkdirSync(box)
  for (const tool of tools) {
    const found = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim()
    if (found !== '') symlinkSync(realpathSync(found), join(box, tool))
  }
  return box
}

function build(path: string, node = process.execPath, prefix: readonly string[] = []) {
  const [command = '', ...args] = [...prefix, node, 'native/build.mjs']
  const env = { HOME: join(folder, 'empty'), PATH: path }
  return spawnSync(command, args, { cwd: copy, env, encoding: 'utf8' })
}

for (const [missing, tools, expected] of [
  ['compiler', [], /no C\+\+ compiler \(g\+\+\): install/],
  ['make', ['g++'], /no make: install/],
  ['python', ['g++', 'make', 'as', 'ld', 'cc1plus'], /no python3.*install/],
] as const) {
  t.test(`without ${missing} it says in one sentence what to install`, async (t) => {
    const result = build(toolbox(`no-${missing}`, tools))
    t.equal(result.status, 1)
    t.match(result.stderr, expected)
    t.equal(result.stderr.trim().split('\n').length, 1)
  })
}

t.test(
  'it builds with an empty home, no network, and a Node without headers beside it',
  { skip: process.platform !== 'linux' && 'needs unshare' },
  async (t) => {
    const offline = process.getuid?.() === 0 ? ['unshare', '--net'] : ['unshare', '--net', '--map-current-user']
    const canUnshare = spawnSync(offline[0] ?? '', [...offline.slice(1), 'true']).status === 0
    const node = join(folder, 'node', 'bin', 'node')
    cpSync(process.execPath, node)
    const result = build('/usr/local/bin:/usr/bin:/bin', node, canUnshare ? offline : [])
    t.equal(result.status, 0, result.stderr)
    t.ok(existsSync(join(copy, 'build/Release/mcp_one.node')))
    t.ok(existsSync(join(copy, 'build/Release/mcpo-launch')))
  },
)
