import { homedir } from 'node:os'
import t from 'tap'
import { configFolders, defaultConfigPath } from '../../../lib/config/folders.ts'

const home = { HOME: '/home/ann' }

t.test("root's files are the system's, whatever the environment says", async (t) => {
  const env = { XDG_CONFIG_HOME: '/x', XDG_STATE_HOME: '/x', XDG_RUNTIME_DIR: '/run/user/0' }
  t.equal(defaultConfigPath(env, 0), '/etc/mcp-one/config.toml')
  t.strictSame(configFolders('/etc/mcp-one/config.toml', env, 0), {
    config: '/etc/mcp-one',
    state: '/var/lib/mcp-one',
    cache: '/var/cache/mcp-one',
    audit: '/var/log/mcp-one',
    runtime: '/run/mcp-one',
  })
})

t.test("a user's files are in his home", async (t) => {
  t.equal(defaultConfigPath(home, 1000), '/home/ann/.config/mcp-one/config.toml')
  t.strictSame(configFolders('/srv/x/config.toml', home, 1000), {
    config: '/srv/x',
    state: '/home/ann/.local/state/mcp-one',
    cache: '/home/ann/.cache/mcp-one',
    audit: '/home/ann/.local/state/mcp-one/audit',
    runtime: '/home/ann/.local/state/mcp-one/run',
  })
})

t.test('the XDG variables move them', async (t) => {
  const env = {
    ...home,
    XDG_CONFIG_HOME: '/c',
    XDG_STATE_HOME: '/s',
    XDG_CACHE_HOME: '/k',
    XDG_RUNTIME_DIR: '/run/user/1',
  }
  t.equal(defaultConfigPath(env, 1000), '/c/mcp-one/config.toml')
  t.match(configFolders('/a/b', env, 1000), {
    state: '/s/mcp-one',
    cache: '/k/mcp-one',
    audit: '/s/mcp-one/audit',
    runtime: '/run/user/1/mcp-one',
  })
})

t.test('the state folder that systemd made for a service is used, by root as well', async (t) => {
  const env = { ...home, XDG_STATE_HOME: '/s', STATE_DIRECTORY: '/var/lib/gate/:/var/lib/other' }
  for (const uid of [0, 1000]) t.equal(configFolders('/a/b', env, uid).state, '/var/lib/gate')
  t.equal(configFolders('/a/b', env, 1000).audit, '/var/lib/gate/audit')
  for (const folder of ['', 'relative', ':/x'])
    t.equal(configFolders('/a/b', { ...home, STATE_DIRECTORY: folder }, 0).state, '/var/lib/mcp-one')
})

t.test('XDG variables that are not absolute are ignored', async (t) => {
  const env = { ...home, XDG_CONFIG_HOME: 'c', XDG_RUNTIME_DIR: '' }
  t.equal(defaultConfigPath(env, 1000), '/home/ann/.config/mcp-one/config.toml')
  t.equal(configFolders('/a/b', env, 1000).runtime, '/home/ann/.local/state/mcp-one/run')
})

t.test('without HOME the account says where home is', async (t) => {
  t.equal(defaultConfigPath({}, 1000), `${homedir()}/.config/mcp-one/config.toml`)
})
