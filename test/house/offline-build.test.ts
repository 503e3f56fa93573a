/** The native build downloads nothing, needs no home and no headers beside Node, and says in one sentence what is missing. */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { changedSince } from '../../lib/native/built-from.ts'
import { where } from '../support/must-enforce.ts'

const root = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'mcpo-build-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const [tree, home] = [join(folder, 'tree'), join(folder, 'home')]
mkdirSync(home)
for (const name of ['native', 'binding.gyp', 'package.json'])
  cpSync(join(root, name), join(tree, name), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))

/** PT_INTERP in elf.h. */
const interpreterSegment = 3
const onLinux = where(process.platform === 'linux', 'takes Linux')

t.test('it builds without a network, with an empty home and a Node without headers beside it', onLinux, async (t) => {
  const withoutNetwork = process.getuid?.() === 0 ? ['-n'] : ['-rn']
  const node = join(folder, 'node/bin/node')
  cpSync(process.execPath, node)
  // Where npm would look for headers, had it to: nothing of it may matter.
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    npm_config_nodedir: '/nonexistent',
    npm_config_disturl: 'http://127.0.0.1:9/',
  }
  const built = spawnSync('unshare', [...withoutNetwork, node, 'native/build.mjs'], {
    cwd: tree,
    env,
    encoding: 'utf8',
  })
  t.equal(built.status, 0, built.stderr)
  const load = 'console.log(typeof require("./build/Release/mcp_one.node").spawn)'
  const loaded = spawnSync(process.execPath, ['-e', load], { cwd: tree, encoding: 'utf8' })
  t.equal(loaded.stdout, 'function\n', loaded.stderr)
  const launcher = readFileSync(join(tree, 'build/Release/mcpo-launch'))
  t.notOk(segmentTypes(launcher).includes(interpreterSegment), 'the launcher needs no dynamic linker')
  t.notOk(launcher.includes('libstdc++'))
  t.same(readdirSync(home), [], 'nothing was put into the home')
  const record = join(tree, 'build/Release/built-from.json')
  t.equal(changedSince(tree, record), null, 'the addon is as new as its sources')
  appendFileSync(join(tree, 'native/core/plan.h'), '// one line more')
  t.equal(changedSince(tree, record), 'native/core/plan.h')
})

for (const [missing, tools, words] of [
  ['a compiler', ['make', 'python3'], /no C\+\+ compiler \(g\+\+\): install one .*apt install build-essential/],
  ['make', ['g++', 'python3'], /no make: install it/],
  ['python3', ['g++', 'make'], /no python3, .*install it/],
] as const) {
  t.test(`without ${missing} it says so in one sentence, with exit 1`, onLinux, async (t) => {
    const bin = join(folder, `bin-without-${missing}`)
    mkdirSync(bin)
    for (const tool of tools) {
      const path = (process.env['PATH'] ?? '')
        .split(':')
        .map((each) => join(each, tool))
        .find(existsSync)
      if (path !== undefined) symlinkSync(realpathSync(path), join(bin, tool))
    }
    const refused = spawnSync(process.execPath, ['native/build.mjs'], {
      cwd: tree,
      env: { PATH: bin, HOME: home },
      encoding: 'utf8',
    })
    t.equal(refused.status, 1)
    t.match(refused.stderr, words)
    t.equal(refused.stderr.trim().split('\n').length, 1, refused.stderr)
    t.equal(refused.stdout, '')
  })
}

/** Of the program headers of a 64-bit ELF file. */
function segmentTypes(elf: Buffer): number[] {
  const [start, size, count] = [Number(elf.readBigUInt64LE(0x20)), elf.readUInt16LE(0x36), elf.readUInt16LE(0x38)]
  return Array.from({ length: count }, (_, index) => elf.readUInt32LE(start + index * size))
}
