import t from 'tap'
import { compileEnvironment, type EnvironmentSources } from '../../../lib/policy/environment.ts'
import { mayInherit } from '../../../lib/policy/relax/inherit-environment.ts'

const sources: EnvironmentSources = {
  explicit: {},
  gateway: { COLOR: '1', MCPO_TOKEN: 'secret', USED: 'secret', HOME: '/home/u', PATH: '/home/u/bin' },
  inherit: false,
  secretVariables: new Set(['USED']),
  searchPath: [],
  home: '/home/mcp',
  timezone: null,
  hasEgress: false,
}

t.test('nothing of the gateway is passed on by default', async (t) => {
  t.same(
    compileEnvironment(sources).map((line) => line.split('=')[0]),
    ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'TMPDIR', 'USER'],
  )
})

t.test('env_inherit passes on the rest, and neither MCPO_* nor what the configuration used', async (t) => {
  const lines = compileEnvironment({ ...sources, inherit: true })
  t.ok(lines.includes('COLOR=1'))
  t.notOk(lines.some((line) => line.includes('secret')))
  t.ok(lines.includes('HOME=/home/mcp'), "the host's home is not there inside")
  t.notOk(lines.some((line) => line.includes('/home/u')))
})

t.test('what is set for the server wins, also over what is never inherited', async (t) => {
  const lines = compileEnvironment({
    ...sources,
    inherit: true,
    explicit: { NODE_OPTIONS: '--enable-source-maps', HOME: '/tmp' },
  })
  t.ok(lines.includes('NODE_OPTIONS=--enable-source-maps'))
  t.ok(lines.includes('HOME=/tmp'))
})

t.test('names and values that no environment can hold are refused', async (t) => {
  for (const explicit of [{ 'A=B': '1' }, { '': '1' }, { 'A\0': '1' }, { A: 'x\0y' }]) {
    t.throws(() => compileEnvironment({ ...sources, explicit }), { code: 'CONFIG_ERROR' })
  }
  t.throws(() => compileEnvironment({ ...sources, explicit: { A: 'x'.repeat(1024 * 1024) } }), { code: 'CONFIG_ERROR' })
})

t.test('loaders, agents, buses and proxies are never inherited', async (t) => {
  const never = [
    'LD_PRELOAD',
    'LD_AUDIT',
    'NODE_OPTIONS',
    'NODE_PATH',
    'PYTHONSTARTUP',
    'PYTHONPATH',
    'BASH_ENV',
    'ENV',
    'BASH_FUNC_x%%',
    'SSH_AUTH_SOCK',
    'DBUS_SESSION_BUS_ADDRESS',
    'XDG_RUNTIME_DIR',
    'HTTPS_PROXY',
    'https_proxy',
    'no_proxy',
    'MCPO_ANYTHING',
    'GIT_SSH_COMMAND',
    'npm_config_registry',
  ]
  for (const name of never) t.notOk(mayInherit(name), name)
  for (const name of ['COLOR', 'LANG', 'LC_ALL', 'API_KEY', 'ENVIRONMENT']) t.ok(mayInherit(name), name)
})
