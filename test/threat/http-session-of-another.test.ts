/** Somebody knows the id of a session that is not his. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { Sessions } from '../../lib/gateway/sessions.ts'
import { openingOf, post, send } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'

const token = randomBytes(24).toString('base64url')
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

await enforceable(t, 'a session id alone opens nothing', async (t) => {
  const toml = `[auth]\ntype = "static"\ntoken = "${token}"\n${fixtureTable('one', 'legacy.mjs')}${fixtureTable('two', 'legacy.mjs')}`
  const { url } = await serve(t, makeConfig(t, toml))
  const owner = { authorization: `Bearer ${token}` }
  const opened = await post(`${url}/mcp/one`, openingOf(), owner)
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' }
  await post(`${url}/mcp/one`, { jsonrpc: '2.0', method: 'notifications/initialized' }, { ...owner, ...session })
  t.equal((await post(`${url}/mcp/one`, list, { ...owner, ...session })).status, 200)

  for (const authorization of [
    undefined,
    'Bearer wrong',
    `bearer ${token}x`,
    `Basic ${token}`,
    `Bearer ${token} ${token}`,
    'Bearer ',
  ]) {
    const headers = { ...session, ...(authorization === undefined ? {} : { authorization }) }
    t.equal((await post(`${url}/mcp/one`, list, headers)).status, 401, String(authorization))
    t.equal(
      (await send(`${url}/mcp/one`, 'GET', { ...headers, accept: 'text/event-stream' })).status,
      401,
      String(authorization),
    )
    t.equal((await send(`${url}/mcp/one`, 'DELETE', headers)).status, 401, String(authorization))
  }
  for (const path of ['/mcp/two', '/mcp']) {
    t.equal(
      (await post(url + path, list, { ...owner, ...session })).status,
      404,
      `it belongs to one endpoint, not to ${path}`,
    )
    t.equal((await send(url + path, 'DELETE', { ...owner, ...session })).status, 404)
  }
  t.equal((await post(`${url}/mcp/one`, list, { ...owner, ...session })).status, 200, 'and is still open')
  t.equal((await post(`${url}/mcp/one`, list, { ...owner, ...session, 'mcp-session-id': 'guessed' })).status, 404)
})

t.test('a session of another principal is refused in the same words as one that is not there', async (t) => {
  const sessions = new Sessions({ maxSessions: 4, idleMs: 60_000 })
  t.teardown(() => sessions.stop())
  const { id } = sessions.create({ id: 'alice' }, 'one', '{}')
  t.equal(sessions.get(id, { id: 'alice' }, 'one').id, id)
  const words = (attempt: () => unknown): string => {
    try {
      attempt()
      return 'allowed'
    } catch (error) {
      return String(error)
    }
  }
  const foreign = words(() => sessions.get(id, { id: 'mallory' }, 'one'))
  t.match(foreign, /no such session/)
  t.equal(
    foreign,
    words(() => sessions.get('unknown', { id: 'mallory' }, 'one')),
  )
})
