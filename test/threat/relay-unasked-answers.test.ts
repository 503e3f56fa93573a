/** A server that answers twice, or answers what it was never asked. */
import t from 'tap'
import { openSession, post, send } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { answerOf, goodAnswer, say } from '../support/hostile.ts'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'

await enforceable(t, 'the first answer counts, and what nobody asked is dropped', async (t) => {
  const serving = await serve(t, makeConfig(t, fixtureTable('hostile', 'hostile.mjs')))
  const url = `${serving.url}/mcp/hostile`
  const session = await openSession(url)
  const unasked = (id: string) =>
    `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"unasked"}]}}\n`
  const ids = [
    '0',
    '-1',
    '1e3',
    '1.5',
    '99999999999999999999',
    '"x"',
    '"__proto__"',
    'null',
    'true',
    '[1]',
    '{"id":1}',
    '9007199254740993',
  ]
  const first = await say({
    url,
    session,
    id: 'a',
    frames: [...ids.map(unasked), answerOf('first'), answerOf('second'), unasked('@id@')],
  })
  t.match(JSON.parse(first.events.at(-1) ?? ''), { id: 'a', result: { content: [{ text: 'first' }] } })
  for (const id of ['b', 'c', 'd']) {
    const next = await say({ url, session, id, frames: [goodAnswer] })
    t.match(
      JSON.parse(next.events.at(-1) ?? ''),
      { id, result: { content: [{ text: 'good' }] } },
      'no answer is left over for the next call',
    )
  }
  const stray = await post(url, { jsonrpc: '2.0', id: 5, result: {} }, session.headers)
  t.match(String(stray.status), /^(202|400)$/, 'a client that answers what it was not asked changes nothing')
  t.equal((await send(`${serving.url}/health`, 'GET', {})).status, 200)
})
