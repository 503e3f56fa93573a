/** A field that decides is given twice: one reader takes the first, another the last, and each believes another message. */
import t from 'tap'
import { jsonHeaders, openSession, send } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { goodAnswer, say } from '../support/hostile.ts'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'

const call = '"jsonrpc":"2.0","id":1,"method":"tools/call"'
const refusedRequests: Record<string, string> = {
  'method twice': '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}',
  'method twice, once escaped': '{"jsonrpc":"2.0","id":1,"method":"ping","\\u006dethod":"tools/list"}',
  'method twice, in another case': '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/list"}',
  'id twice': '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
  'id twice, once escaped': '{"jsonrpc":"2.0","i\\u0064":1,"id":2,"method":"ping"}',
  'params twice': `{${call},"params":{"name":"said"},"params":{"name":"say"}}`,
  'params twice, once escaped': `{${call},"params":{"name":"said"},"\\u0070arams":{"name":"say"}}`,
  'name twice': `{${call},"params":{"name":"said","name":"say"}}`,
  'name twice, once escaped': `{${call},"params":{"name":"said","n\\u0061me":"say"}}`,
  'uri twice': '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a://1","uri":"b://2"}}',
  '_meta twice': `{${call},"params":{"_meta":{},"name":"said","_meta":{"progressToken":1}}}`,
  'token twice': `{${call},"params":{"_meta":{"progressToken":1,"progressToken":2},"name":"said"}}`,
  'a request that is an answer too': '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
}
const acceptedRequests: Record<string, string> = {
  'once, escaped': '{"jsonrpc":"2.0","id":1,"\\u006dethod":"ping"}',
  'twice where nothing is decided': `{${call},"params":{"name":"said","arguments":{"name":"a","name":"b","id":1,"id":2}}}`,
  'the same name at another depth': `{${call},"params":{"name":"said","arguments":{"params":{"name":"say"},"method":"x"}}}`,
}
const refusedAnswers: Record<string, string> = {
  'id twice': '{"jsonrpc":"2.0","id":@id@,"id":99,"result":{"evil":true}}\n',
  'id twice, once escaped': '{"jsonrpc":"2.0","\\u0069d":99,"id":@id@,"result":{"evil":true}}\n',
  'id twice, in another case': '{"jsonrpc":"2.0","ID":99,"id":@id@,"result":{"evil":true}}\n',
  'result twice': '{"jsonrpc":"2.0","id":@id@,"result":{},"result":{"evil":true}}\n',
  'result and error': '{"jsonrpc":"2.0","id":@id@,"result":{"evil":true},"error":{"code":1,"message":"evil"}}\n',
  'an answer that is a request too': '{"jsonrpc":"2.0","id":@id@,"result":{"evil":true},"method":"ping"}\n',
  'method twice': '{"jsonrpc":"2.0","method":"notifications/message","method":"evil","params":{}}\n',
}

await enforceable(t, 'such requests are refused and never reach a server', async (t) => {
  const { url: base } = await serve(t, makeConfig(t, fixtureTable('hostile', 'hostile.mjs')))
  for (const path of ['/mcp/hostile', '/mcp']) {
    const url = base + path
    const session = await openSession(url)
    const post = (body: string) => send(url, 'POST', { ...jsonHeaders, ...session.headers }, body)
    for (const [what, body] of Object.entries(refusedRequests)) {
      const { status, messages } = await post(body)
      t.equal(status, 400, `${path}: ${what}`)
      t.match(messages, [{ error: { code: Number, message: String } }], what)
    }
    const prefix = path === '/mcp' ? 'hostile__' : ''
    for (const [what, body] of Object.entries(acceptedRequests)) {
      const { status, messages } = await post(body.replaceAll('"name":"said"', `"name":"${prefix}said"`))
      t.equal(status, 200, `${path}: ${what}`)
      t.ok(messages[0]?.result, what)
    }
    const said = await session.call(50, `${prefix}said`)
    const received = JSON.parse(said.messages.at(-1)?.result.content[0].text) as { method: string }[]
    t.notOk(
      received.some(({ method }) => method === 'tools/list' || method === 'resources/read'),
      'none of them arrived',
    )
    await session.end()
  }
})

await enforceable(t, 'such answers never reach a client', async (t) => {
  const { url: base } = await serve(t, makeConfig(t, fixtureTable('hostile', 'hostile.mjs')))
  const url = `${base}/mcp/hostile`
  const session = await openSession(url)
  let id = 10
  for (const [what, frame] of Object.entries(refusedAnswers)) {
    const { text, events } = await say({ url, session, id: ++id, frames: [frame, goodAnswer] })
    t.notMatch(text, /evil/, what)
    const answer = JSON.parse(events.at(-1) ?? 'null')
    t.equal(answer.id, id, what)
    t.ok(answer.error !== undefined || answer.result?.content?.[0]?.text === 'good', `${what}: ${text}`)
  }
})
