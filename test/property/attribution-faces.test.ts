/** Sessions at a server of the new revision share its one copy: what it asks and tells reaches the session and the call that it is for. */
import { strictEqual } from 'node:assert'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { Puppet } from '../support/puppet.ts'
import { type Bench, modernScript, openRawSession, type RawSession, startBench } from '../support/relay-bench.ts'
import { Stage } from '../support/stage.ts'

/** For each session its calls, each with the turns of the event loop that its server takes before it says something. */
const plan = fc.array(fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 })
let plays = 0

interface Params {
  readonly arguments: { readonly name: string; readonly turns: number }
  readonly inputResponses?: object
  readonly requestState?: string
  readonly _meta: { readonly progressToken: unknown }
}

/** Asks, tells of progress when it is answered, and answers. Every message of a call carries the call's name. */
async function serve(line: string, copy: Puppet): Promise<void> {
  const { id, method, params } = JSON.parse(line) as { id: number; method: string; params: Params }
  if (method !== 'tools/call') return
  const { name, turns } = params.arguments
  for (let turn = 0; turn < turns; turn += 1) await setImmediate()
  const write = (message: object) => copy.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  if (params.inputResponses === undefined) {
    const question = {
      method: 'elicitation/create',
      params: { message: name, requestedSchema: { type: 'object', properties: {} } },
    }
    write({
      id,
      result: { resultType: 'input_required', inputRequests: { same: question }, requestState: `state ${name}` },
    })
    return
  }
  const progress = { progressToken: params._meta.progressToken, progress: 1, message: name }
  write({ method: 'notifications/progress', params: progress })
  // What came with the retry, for its client to check.
  const text = `${name} ${params.requestState} ${JSON.stringify(params.inputResponses)}`
  write({ id, result: { resultType: 'complete', content: [{ type: 'text', text }] } })
}

async function call(
  { client, headers }: RawSession,
  path: string,
  id: number,
  name: string,
  turns: number,
): Promise<void> {
  const tool = path === '/mcp' ? 'one__tool' : 'tool'
  const params = { name: tool, arguments: { name, turns }, _meta: { progressToken: `same${id}` } }
  const exchange = client.post(headers, JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }))
  const question = JSON.parse(await Promise.race([exchange.events.next(), exchange.reply.then(({ body }) => body)]))
  strictEqual(question.params?.message, name, JSON.stringify(question))
  const result = { action: 'accept', content: { v: `answer ${name}` } }
  await client.post(headers, JSON.stringify({ jsonrpc: '2.0', id: question.id, result })).reply
  const [, progress, answer, ...more] = (await exchange.reply).messages.map((message) => JSON.parse(message))
  strictEqual(more.length, 0)
  strictEqual(`${progress.params.progressToken} ${progress.params.message}`, `same${id} ${name}`)
  const { text } = answer.result.content[0] as { text: string }
  strictEqual(answer.id, id)
  const [own, state, responses] = [text.slice(0, name.length), `state ${name}`, `"answer ${name}"`]
  strictEqual(own === name && text.includes(state) && text.includes(responses), true, `${name} was answered ${text}`)
}

for (const path of ['/mcp/one', '/mcp']) {
  const open = (): Promise<Bench> => {
    const answers = modernScript({ 'tools/list': '{"tools":[]}' })
    const script = (line: string, copy: Puppet) => {
      if (!answers(line, copy)) void serve(line, copy)
      return true
    }
    return startBench({ one: script }, { protocol: '2026-07-28' })
  }
  const stage = new Stage(open, (bench) => bench.stop())
  t.teardown(() => stage.stop())

  t.test(`${path}: questions, progress and answers of calls in flight at once`, async (t) => {
    const done = await stage.holds(
      plan,
      async (bench, sessions) => {
        plays += 1
        const work = sessions.map(async (calls, index) => {
          const session = await openRawSession(bench.client(path), { elicitation: {} })
          await Promise.all(calls.map((turns, at) => call(session, path, at, `<${plays}.${index}.${at}>`, turns)))
          await session.client.delete(session.headers).reply
        })
        await Promise.all(work)
      },
      { runs: 60, ms: 5000 },
    )
    t.ok(done > 5, `${done} plays`)
  })
}
