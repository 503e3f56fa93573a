import { join } from 'node:path'
import t from 'tap'
import { behindShim, isShim } from '../../../lib/sandbox/shims.ts'
import { makeTree } from './tree.ts'

const program = { run: '#!/bin/sh\n' }

t.test("pyenv: the global version, a folder's own, and the variable, each over the one before", async (t) => {
  const home = makeTree(t, {
    '.pyenv/shims/python3': program,
    '.pyenv/version': '3.11.7\n',
    '.pyenv/versions/3.11.7/bin/python3': program,
    '.pyenv/versions/3.12.1/bin/python3': program,
    '.pyenv/versions/3.12.10/bin/python3': program,
    'project/.python-version': '3.12\n',
    'project/deep/x': '',
  })
  const shim = join(home, '.pyenv/shims/python3')
  t.ok(isShim(shim))
  const at = (folder: string, environment = {}) => behindShim(shim, { baseDir: join(home, folder), environment })
  t.equal(await at('.'), join(home, '.pyenv/versions/3.11.7/bin/python3'))
  t.equal(await at('project/deep'), join(home, '.pyenv/versions/3.12.10/bin/python3'), 'the newest 3.12')
  t.equal(await at('project', { PYENV_VERSION: '3.11.7' }), join(home, '.pyenv/versions/3.11.7/bin/python3'))
  t.equal(await at('project', { PYENV_VERSION: '2.7' }), null, 'not installed')
  t.equal(await at('.', { PYENV_VERSION: 'system' }), null, 'the next in PATH')
})

t.test('asdf: .tool-versions, or what the shim lists', async (t) => {
  const home = makeTree(t, {
    '.asdf/shims/node': { run: '#!/usr/bin/env bash\n# asdf-plugin: nodejs 20.1.0\n# asdf-plugin: nodejs 22.0.0\n' },
    '.asdf/installs/nodejs/20.1.0/bin/node': program,
    '.asdf/installs/nodejs/22.0.0/bin/node': program,
    'project/.tool-versions': 'python 3.12.1\nnodejs 22.0.0 # newest\n',
  })
  const shim = join(home, '.asdf/shims/node')
  const at = (folder: string) => behindShim(shim, { baseDir: join(home, folder), environment: { HOME: home } })
  t.equal(await at('project'), join(home, '.asdf/installs/nodejs/22.0.0/bin/node'))
  t.equal(await at('.'), join(home, '.asdf/installs/nodejs/20.1.0/bin/node'))
})

t.test('mise: mise.toml, or the latest', async (t) => {
  const home = makeTree(t, {
    'share/mise/shims/node': { to: '/bin/true' },
    'share/mise/installs/node/20.1.0/bin/node': program,
    'share/mise/installs/node/22.3.0/bin/node': program,
    'share/mise/installs/node/latest': { to: './22.3.0' },
    'project/mise.toml': '[tools]\nnode = "20"\n',
  })
  const shim = join(home, 'share/mise/shims/node')
  const at = (folder: string) => behindShim(shim, { baseDir: join(home, folder), environment: {} })
  t.equal(await at('project'), join(home, 'share/mise/installs/node/20.1.0/bin/node'))
  t.equal(await at('.'), join(home, 'share/mise/installs/node/latest/bin/node'))
})

t.test("volta: the project's package.json, or the account's platform", async (t) => {
  const home = makeTree(t, {
    '.volta/bin/node': { to: '/bin/true' },
    '.volta/tools/user/platform.json': '{"node":{"runtime":"20.1.0"}}',
    '.volta/tools/image/node/20.1.0/bin/node': program,
    '.volta/tools/image/node/22.0.0/bin/node': program,
    'project/package.json': '{"volta":{"node":"22.0.0"}}',
  })
  const shim = join(home, '.volta/bin/node')
  const at = (folder: string) => behindShim(shim, { baseDir: join(home, folder), environment: {} })
  t.equal(await at('project'), join(home, '.volta/tools/image/node/22.0.0/bin/node'))
  t.equal(await at('.'), join(home, '.volta/tools/image/node/20.1.0/bin/node'))
})

t.test('an ordinary program is no shim', async (t) => {
  for (const path of ['/usr/bin/node', '/home/u/.nvm/versions/node/v20.1.0/bin/node', '/home/u/shims/node'])
    t.notOk(isShim(path), path)
})
