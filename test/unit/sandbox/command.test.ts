import { join } from 'node:path'
import t from 'tap'
import type { ProtectedPaths } from '../../../lib/policy/layout.ts'
import { resolveCommand } from '../../../lib/sandbox/command.ts'
import { makeTree } from './tree.ts'

const nothing: ProtectedPaths = { closed: [], folders: [], hidden: [], secret: [] }
const elf = { run: '\u007fELF' }

function resolver(folder: string, protectedPaths = nothing) {
  return (command: string, args: readonly string[] = [], more = {}) =>
    resolveCommand({
      command,
      args,
      cwd: null,
      baseDir: folder,
      environment: { PATH: '/usr/bin:/bin', HOME: join(folder, 'home') },
      protectedPaths,
      writable: [],
      ...more,
    })
}

t.test('a program of the system needs nothing shown', async (t) => {
  const found = await resolver('/')('sh', ['-c', 'true'])
  t.same(found.mounts, [])
  t.same(found.argv, ['sh', '-c', 'true'])
})

t.test('an interpreter of its own prefix is shown with it, and comes first in PATH', async (t) => {
  const folder = makeTree(t, { 'home/.nvm/versions/node/v20.1.0/bin/node': elf })
  const prefix = join(folder, 'home/.nvm/versions/node/v20.1.0')
  const found = await resolver(folder)('node', [], {
    environment: { PATH: join(prefix, 'bin'), HOME: join(folder, 'home') },
  })
  t.same(found.mounts, [prefix])
  t.same(found.searchPath, [join(prefix, 'bin')])
  t.equal(found.executable, join(prefix, 'bin/node'))
})

t.test("an interpreter among an account's other things is shown alone", async (t) => {
  const folder = makeTree(t, { 'home/.local/bin/node': elf, 'home/.local/share/secret': '' })
  const found = await resolver(folder)(join(folder, 'home/.local/bin/node'))
  t.same(found.mounts, [join(folder, 'home/.local/bin/node')])
})

t.test('any other program is shown alone', async (t) => {
  const folder = makeTree(t, { 'home/go/bin/server': elf })
  const found = await resolver(folder)('./home/go/bin/server')
  t.same(found.mounts, [join(folder, 'home/go/bin/server')])
})

t.test('a virtual environment is shown with its base, and executed under its own path', async (t) => {
  const folder = makeTree(t, {
    'home/.pyenv/versions/3.12.1/bin/python3.12': elf,
    'project/.venv/pyvenv.cfg': 'home = /gone\n',
    'project/.venv/bin/python': { to: '../../../home/.pyenv/versions/3.12.1/bin/python3.12' },
  })
  const found = await resolver(folder)('./project/.venv/bin/python')
  t.same(found.mounts, [join(folder, 'home/.pyenv/versions/3.12.1'), join(folder, 'project/.venv')])
  t.equal(found.executable, join(folder, 'project/.venv/bin/python'))
  t.equal(found.argv[0], found.executable)
})

t.test('a program that npm installed: its packages, and the interpreter of its first line', async (t) => {
  const folder = makeTree(t, {
    'project/secret.txt': '',
    'project/node_modules/@scope/server/package.json': '{}',
    'project/node_modules/@scope/server/index.js': { run: '#!/usr/bin/env node\n' },
    'project/node_modules/.bin/server': { to: '../@scope/server/index.js' },
  })
  const found = await resolver(folder)('./project/node_modules/.bin/server')
  t.same(found.mounts, [join(folder, 'project/node_modules')])
  t.equal(found.executable, join(folder, 'project/node_modules/.bin/server'))
})

t.test("the script of an interpreter: its package's folder", async (t) => {
  const folder = makeTree(t, { 'project/package.json': '{}', 'project/src/server.js': '', 'other/data': '' })
  const found = await resolver(folder)('node', ['--import', './x.js', 'project/src/server.js', '--flag'])
  t.same(found.mounts, [join(folder, 'project')])
  t.equal(found.argv[3], join(folder, 'project/src/server.js'), 'absolute, since the working directory is another')
  t.equal(found.argv[2], './x.js')
})

t.test('a script without a package is shown alone', async (t) => {
  const folder = makeTree(t, { 'scripts/server.py': '', 'scripts/secret.txt': '' })
  const found = await resolver(folder)('python3', [join(folder, 'scripts/server.py')], {
    environment: { PATH: '/usr/bin' },
  })
  t.same(found.mounts, [join(folder, 'scripts/server.py')])
})

t.test('a package in a home folder, or with the configuration in it, is never shown whole', async (t) => {
  const folder = makeTree(t, {
    'home/package.json': '{}',
    'home/server.js': '',
    'project/package.json': '{}',
    'project/config.toml': 'token',
    'project/dist/server.js': '',
    'project/node_modules/x/index.js': '',
  })
  const atHome = await resolver(folder)('node', [join(folder, 'home/server.js')])
  t.same(atHome.mounts, [join(folder, 'home/package.json'), join(folder, 'home/server.js')])
  const secret = { ...nothing, secret: [join(folder, 'project/config.toml')] }
  const beside = await resolver(folder, secret)('node', [join(folder, 'project/dist/server.js')])
  t.same(
    beside.mounts,
    ['dist', 'node_modules', 'package.json'].map((name) => join(folder, 'project', name)),
  )
})

t.test('a script that is reached through a symbolic link stays reachable by it', async (t) => {
  const folder = makeTree(t, { 'real/server.js': '', link: { to: 'real' } })
  const found = await resolver(folder)('node', [join(folder, 'link/server.js')])
  t.same(found.mounts, [join(folder, 'real/server.js')])
  t.same(found.links, [{ path: join(folder, 'link/server.js'), to: join(folder, 'real/server.js') }])
})

t.test('code on the command line is no script', async (t) => {
  const folder = makeTree(t, { 'x.js': '' })
  for (const args of [
    ['-e', './x.js'],
    ['-p', 'x.js'],
    ['--', '-e'],
  ])
    t.same((await resolver(folder)('node', args)).mounts, [])
})

t.test("what is not there, or cannot be executed, is said with env(1)'s codes", async (t) => {
  const folder = makeTree(t, { 'not-executable': '', 'folder/x': '', script: { run: '#!/no/such/interpreter\n' } })
  const find = resolver(folder)
  await t.rejects(find('no-such-command'), { code: 'NOT_FOUND', data: { exitCode: 127 } })
  await t.rejects(find('./no-such-file'), { code: 'NOT_FOUND', data: { exitCode: 127 } })
  await t.rejects(find('./not-executable'), { code: 'NOT_FOUND', data: { exitCode: 126 }, hint: /chmod/ })
  await t.rejects(find('./folder'), { code: 'NOT_FOUND', data: { exitCode: 126 } })
  await t.rejects(find('./script'), { code: 'NOT_FOUND', message: /\/no\/such\/interpreter/, data: { exitCode: 127 } })
  await t.rejects(find(''), { code: 'NOT_FOUND' })
})

const refused = { code: 'CONFIG_ERROR', message: /must not choose what it is shown/, hint: /:ro/ }

t.test('what a server may write itself leads out of its folder to programs only', async (t) => {
  const folder = makeTree(t, {
    'closed/package.json': '{}',
    'closed/secret': '',
    'closed/tool': { run: '#!/bin/sh\n' },
    'closed/modules/x': '',
    'versions/3.12/bin/python3.12': elf,
    'open/server.js': { to: '../closed/secret' },
    'open/aside': { to: '../closed' },
    'open/script': { run: '#!/bin/sh\n' },
    'open/by-link': { to: '../closed/tool' },
    'open/.venv/pyvenv.cfg': 'home = /gone\n',
    'open/.venv/bin/python': { to: '../../../versions/3.12/bin/python3.12' },
    'open/false/pyvenv.cfg': 'home = /gone\n',
    'open/false/bin/python': { to: '../../../closed/secret' },
    'open/false/bin/serve': { run: '#!/bin/sh\n' },
    'open/package.json': '{}',
    'open/node_modules': { to: '../closed/modules' },
    'open/member/package.json': '{}',
    'open/member/main.js': '',
  })
  const open = join(folder, 'open')
  const find = resolver(folder)
  const more = { writable: [open] }
  await t.rejects(find('node', ['open/server.js'], more), refused)
  await t.rejects(find('node', ['open/aside/secret'], more), refused)
  await t.rejects(find('./open/by-link', [], more), refused)
  t.same((await find('./open/script', [], more)).mounts, [open])
  t.same((await find('./open/false/bin/serve', [], more)).mounts, [open])
  t.same((await find('node', ['open/member/main.js'], more)).mounts, [open])
  t.same((await find('./open/.venv/bin/python', [], more)).mounts, [join(open, '.venv'), join(folder, 'versions/3.12')])
  t.same((await find('node', ['open/server.js'])).mounts, [join(folder, 'closed')], 'only readable: the word of others')
})

t.test('the first line of a script that its server may write names programs only', async (t) => {
  const folder = makeTree(t, { 'closed/tool': { run: '#!/bin/sh\n' }, 'closed/engine': elf })
  const at = (interpreter: string): string =>
    makeTree(t, { script: { run: `#!${join(folder, 'closed', interpreter)}\n` } })
  const find = resolver(folder)
  const [bad, good] = [at('tool'), at('engine')]
  await t.rejects(find(join(bad, 'script'), [], { writable: [bad] }), refused)
  const open = await find(join(bad, 'script'))
  t.ok(open.mounts.includes(join(folder, 'closed/tool')), 'only readable: the word of others')
  const program = await find(join(good, 'script'), [], { writable: [good] })
  t.same(new Set(program.mounts), new Set([good, join(folder, 'closed/engine')]))
})
