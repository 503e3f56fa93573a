/** A client that opens sessions and never closes them: each could start a server. */
import t from 'tap'
import { openingOf, post, send } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { childrenOf } from '../support/processes.ts'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'

const maxSessions = 6
const maxInstances = 3

await enforceable(t, 'sessions and the processes behind them are bounded', async (t) => {
  const table = fixtureTable('one', 'legacy.mjs').replace(
    '[servers.sandbox]',
    `max_instances = ${maxInstances}\n[servers.sandbox]`,
  )
  const { url, pid } = await serve(t, makeConfig(t, `[server]\nport = 0\nmax_sessions = ${maxSessions}\n${table}`))
  const sessions: string[] = []
  const refusals = new Map<number, string>()
  for (let attempt = 0; attempt < 30; attempt++) {
    const { status, headers, text } = await post(`${url}/mcp/one`, openingOf())
    if (status === 200) sessions.push(String(headers['mcp-session-id']))
    else refusals.set(status, text)
    t.ok(childrenOf(pid).length <= maxInstances, `${childrenOf(pid).length} launchers`)
  }
  t.ok(sessions.length >= 1 && sessions.length <= maxSessions, `${sessions.length} sessions`)
  t.same([...refusals.keys()], [503])
  t.match([...refusals.values()][0], /which is the most there may be/)
  t.equal((await send(`${url}/health`, 'GET', {})).status, 200)

  for (const id of sessions)
    await send(`${url}/mcp/one`, 'DELETE', { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' })
  t.equal((await post(`${url}/mcp/one`, openingOf())).status, 200, 'and there is room again')
})

await enforceable(t, 'parallel attempts do not get past the bound', async (t) => {
  const table = fixtureTable('one', 'legacy.mjs').replace(
    '[servers.sandbox]',
    `max_instances = ${maxInstances}\n[servers.sandbox]`,
  )
  const { url, pid } = await serve(t, makeConfig(t, `[server]\nport = 0\nmax_sessions = ${maxSessions}\n${table}`))
  const answers = await Promise.all(Array.from({ length: 30 }, () => post(`${url}/mcp/one`, openingOf())))
  const open = answers.filter(({ status }) => status === 200).length
  t.ok(open >= 1 && open <= maxSessions, `${open} sessions`)
  t.ok(childrenOf(pid).length <= maxInstances)
})
