/** Two servers and two clients that use the same ids and progress tokens. */
import t from 'tap'
import { openSession } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { answerOf, progress, say } from '../support/hostile.ts'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'

await enforceable(t, 'the answer with an id of one server is no answer of the other', async (t) => {
  const toml = fixtureTable('one', 'hostile.mjs') + fixtureTable('two', 'hostile.mjs')
  const { url: base } = await serve(t, makeConfig(t, toml))
  const url = `${base}/mcp`
  const [session, other] = await Promise.all([openSession(url), openSession(url)])
  // Server one answers every id that could be in flight anywhere, several times, before it answers its own call.
  const guesses = Array.from({ length: 64 }, (_, id) => [
    `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"stolen"}]}}\n`,
    `{"jsonrpc":"2.0","id":"${id}","result":{"content":[{"type":"text","text":"stolen"}]}}\n`,
    `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"same","progress":${id}}}\n`,
  ]).flat()
  // Its own id is among the guesses: what it says of its own calls is its own affair.
  const answers = await Promise.all([
    say({ url, session, id: 1, token: 'same', tool: 'one__say', frames: guesses }),
    say({ url, session, id: 2, token: 'other', tool: 'two__say', frames: [progress, answerOf('right')] }),
    say({
      url,
      session: other,
      id: 1,
      token: 'same',
      tool: 'one__say',
      frames: [progress, answerOf('of the other session')],
    }),
    say({ url, session: other, id: 2, token: 'other', tool: 'two__say', frames: [progress, answerOf('right')] }),
  ])
  const [, ...honest] = answers
  for (const [index, { events }] of honest.entries()) {
    t.equal(events.length, 2, `one progress, one answer: ${events}`)
    t.notMatch(events.join(), /stolen/)
    t.match(JSON.parse(events[0] ?? ''), { params: { progressToken: index === 1 ? 'same' : 'other', progress: 1 } })
  }
  t.same(
    answers.map(({ events }) => JSON.parse(events.at(-1) ?? '').id),
    [1, 2, 1, 2],
  )
})
