/** A web page whose name now leads to 127.0.0.1 talks to the gateway through its visitor's browser. */
import t from 'tap'
import { jsonHeaders, openingOf, send } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'

await enforceable(t, 'a foreign Host or Origin is refused before anything is started', async (t) => {
  const toml = `[server]\nport = 0\nallowed_hosts = ["gateway.example"]\nallowed_origins = ["https://app.example"]\n${fixtureTable('one', 'legacy.mjs')}`
  const { url } = await serve(t, makeConfig(t, toml))
  const { host, port } = new URL(url)
  const status = async (headers: string[], path = '/mcp/one', method = 'POST'): Promise<number> => {
    const all = [...Object.entries(jsonHeaders).flat(), ...headers]
    return (await send(url + path, method, all, method === 'POST' ? JSON.stringify(openingOf()) : undefined)).status
  }

  const refused = [
    ['Host', 'attacker.example'],
    ['Host', `attacker.example:${port}`],
    ['Host', `127.0.0.1.attacker.example:${port}`],
    ['Host', `localhost.attacker.example:${port}`],
    ['Host', '127.0.0.1'],
    ['Host', `127.0.0.1:${Number(port) + 1}`],
    ['Host', `0x7f000001:${port}`],
    ['Host', `127.1:${port}`],
    ['Host', host, 'Host', 'attacker.example'],
    ['Host', host, 'Origin', 'https://attacker.example'],
    ['Host', host, 'Origin', `http://attacker.example:${port}`],
    ['Host', host, 'Origin', 'null'],
    ['Host', host, 'Origin', ''],
    ['Host', host, 'Origin', 'http://localhost'],
    ['Host', host, 'Origin', `http://localhost:${port}`],
    ['Host', host, 'Origin', 'https://app.example.attacker.example'],
    ['Host', host, 'Origin', `http://${host}`, 'Origin', 'https://attacker.example'],
    ['Host', 'gateway.example.attacker.example'],
  ]
  for (const headers of refused) {
    for (const [path, method] of [
      ['/mcp/one', 'POST'],
      ['/mcp', 'POST'],
      ['/mcp/one', 'GET'],
      ['/mcp/one', 'DELETE'],
    ] as const) {
      t.match(await status(headers, path, method), /^(400|403)$/, `${method} ${path} ${headers.join(' ')}`)
    }
  }

  const allowed = [
    ['Host', host],
    ['Host', `localhost:${port}`],
    ['Host', `LOCALHOST:${port}`],
    ['Host', 'gateway.example'],
    ['Host', host, 'Origin', `http://${host}`],
    ['Host', host, 'Origin', 'https://app.example'],
  ]
  for (const headers of allowed) t.equal(await status(headers), 200, headers.join(' '))
})
