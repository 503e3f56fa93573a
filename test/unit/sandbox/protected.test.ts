import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { protectedPaths } from '../../../lib/sandbox/protected.ts'

const environment = { HOME: '/home/u' }

t.test('a configuration in a folder of our name makes all of the folder ours', async (t) => {
  const configFile = '/home/u/.config/mcp-one/config.toml'
  const { hidden, secret, folders } = protectedPaths({ configFile, environment, uid: 1000 }, '/opt/mcp-one')
  t.ok(hidden.includes('/home/u/.config/mcp-one'))
  t.same(secret, [])
  t.notOk(folders.includes('/home/u/.config/mcp-one'))
})

t.test('a clone of this repository that keeps its name is no folder of secrets', async (t) => {
  const above = mkdtempSync(join(realpathSync(tmpdir()), 'mcpo-clone-'))
  const root = join(above, 'mcp-one')
  mkdirSync(root)
  symlinkSync(above, join(above, 'link'))
  for (const clone of [root, join(above, 'link', 'mcp-one')]) {
    const configFile = join(clone, 'config.example.toml')
    const { hidden, secret, folders } = protectedPaths({ configFile, environment, uid: 1000 }, root)
    t.notOk(
      hidden.some((path) => path.startsWith(above)),
      clone,
    )
    t.same(secret, [configFile, join(clone, 'mcp-one.lock')], clone)
    t.ok(folders.includes(root), clone)
  }
})
