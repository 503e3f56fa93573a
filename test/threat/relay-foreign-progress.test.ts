/** A server tells of progress, asks and logs in the name of a session that is not the one it works for. */
import t from 'tap'
import { listen, openSession } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { goodAnswer, progress, say } from '../support/hostile.ts'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'

await enforceable(t, 'what a server says for one session never reaches another', async (t) => {
  const { url: base } = await serve(t, makeConfig(t, fixtureTable('hostile', 'hostile.mjs')))
  for (const path of ['/mcp/hostile', '/mcp']) {
    const url = base + path
    const tool = path === '/mcp' ? 'hostile__say' : 'say'
    const [victim, attacker] = await Promise.all([
      openSession(url, { sampling: {} }),
      openSession(url, { sampling: {} }),
    ])
    const stream = await listen(url, victim.headers)
    const foreign = [
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"victim","progress":66}}\n',
      '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":"attack"}}\n',
      '{"jsonrpc":"2.0","id":"q","method":"sampling/createMessage","params":{"messages":[],"maxTokens":1,"x":"attack"}}\n',
      '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}\n',
    ]
    const [own] = await Promise.all([
      say({ url, session: victim, id: 1, token: 'victim', tool, frames: [progress, goodAnswer] }),
      say({ url, session: attacker, id: 1, token: 'attacker', tool, frames: [...foreign, progress, goodAnswer] }),
    ])
    t.same(
      own.events.map((data) => JSON.parse(data).params?.progress ?? JSON.parse(data).result.content[0].text),
      [1, 'good'],
      path,
    )
    t.notMatch(own.text, /attack|66/)
    // The victim's own server says something on the stream: what was sent before it would have come before it.
    const marker = '{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}\n'
    await say({ url, session: victim, id: 2, tool, frames: [marker, goodAnswer] })
    t.match(await stream.next(), { method: 'notifications/prompts/list_changed' }, path)
    stream.close()
  }
})
