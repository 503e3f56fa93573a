/** Tokens of the gateway, in its environment and its configuration, looked for from inside. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attackThrough, callTool, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'

const secrets = {
  MCPO_CONFIG_TOKEN: 'bait-of-mcpo',
  MCPO_LOG_LEVEL: 'debug',
  GATEWAY_TOKEN: 'bait-used-in-the-file',
  FALLBACK_TOKEN: 'bait-used-with-a-default',
  SSH_AUTH_SOCK: '/bait/agent',
  NODE_OPTIONS: '--max-http-header-size=16385',
  LD_BAIT: 'bait-of-the-loader',
  HTTPS_PROXY: 'http://user:bait@proxy.example',
  XDG_RUNTIME_DIR: '/nonexistent/bait',
}
const everywhere = `
tell('own', read('/proc/self/environ'))
tell('all', [read(f'/proc/{pid}/environ') for pid in os.listdir('/proc') if pid.isdigit() and pid != '1'])
act('pid 1', lambda: read('/proc/1/environ'))
`
const table = (name: string, lines: string) =>
  fixtureTable(name, 'unchecked.mjs', lines).replace(
    '[servers.sandbox]',
    'env = { GIVEN = "${GIVEN_TO_IT}" }\n[servers.sandbox]',
  )

await enforceable(t, 'no secret of the gateway is in any environment, not even with env_inherit', async (t) => {
  const toml = [
    '[server]\nport = 0\nallowed_hosts = ["${FALLBACK_TOKEN:-none}.example"]\n',
    '[[servers]]\nname = "other"\ncommand = "node"\nargs = ["${GATEWAY_TOKEN}"]\nenabled = false\n',
    table('bare', ''),
    table('heir', 'env_inherit = true'),
  ].join('')
  const config = makeConfig(t, toml, { ...secrets, GIVEN_TO_IT: 'given', PLAIN: 'plain' })
  const serving = await serve(t, config)
  for (const name of ['bare', 'heir']) {
    const session = await sessionOf(serving, name)
    const environment = JSON.parse(await callTool(session, 'environment', {}))
    const found = await attackThrough(session, everywhere)
    t.equal(found['pid 1'], 'EACCES')
    const text = JSON.stringify([environment, found])
    t.notMatch(text, /bait/, name)
    for (const variable of Object.keys(secrets)) t.notOk(variable in environment, `${name}: ${variable}`)
    t.equal(environment.GIVEN, 'given', 'what the configuration gives is there')
    t.notOk('GIVEN_TO_IT' in environment)
    t.equal(environment.PLAIN, name === 'heir' ? 'plain' : undefined, 'what env_inherit is for')
  }
})
