/** A server on the host's network calls this gateway, and with it every other server. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attackThrough, fixtureTable, makeConfig, mcpo, serve, sessionOf, sessionWithToken } from '../support/serve.ts'

const gatewayCall = `
import urllib.request, urllib.error
def reach(headers={}):
    request = urllib.request.Request(url + '/mcp', data=b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}', headers={'content-type': 'application/json', 'accept': 'application/json, text/event-stream', **headers})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            tell('status', answer.status)
    except urllib.error.HTTPError as error:
        tell('status', error.code)
    except urllib.error.URLError as error:
        tell('status', str(error.reason))
reach()
`

t.test('network = "host" beside auth.type = "none" is refused, with both ways out named', async (t) => {
  const config = makeConfig(t, fixtureTable('open', 'unchecked.mjs', 'network = "host"'))
  const refused = await mcpo(['serve', '-c', config.file], config.env)
  t.equal(refused.code, 2)
  t.match(refused.stderr, /lets the server call this gateway/)
  t.match(refused.stderr, /auth\.type = "static"/)
  t.match(refused.stderr, /allow_gateway_access = true/)
})

await enforceable(t, 'with a token the gateway is reached and asks for it', async (t) => {
  const token = 'a-token-of-forty-characters-0123456789ab'
  const toml = `[auth]\ntype = "static"\ntoken = "\${GATEWAY_TOKEN}"\n${fixtureTable('open', 'unchecked.mjs', 'network = "host"')}`
  const serving = await serve(t, makeConfig(t, toml, { GATEWAY_TOKEN: token }))
  const session = await sessionWithToken(serving, 'open', token)
  t.same(await attackThrough(session, gatewayCall, { url: serving.url }), { status: 401 })
})

await enforceable(t, 'allow_gateway_access lets it in, and without the host network nothing is reached', async (t) => {
  const servers = [
    fixtureTable('open', 'unchecked.mjs', 'network = "host"\nallow_gateway_access = true'),
    fixtureTable('closed', 'unchecked.mjs'),
  ]
  const serving = await serve(t, makeConfig(t, servers.join('')))
  const reached = await attackThrough(await sessionOf(serving, 'open'), gatewayCall, { url: serving.url })
  t.same(reached, { status: 200 })
  const confined = await attackThrough(await sessionOf(serving, 'closed'), gatewayCall, { url: serving.url })
  t.match(confined, { status: /refused/ })
})
