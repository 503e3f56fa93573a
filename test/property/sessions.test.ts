/** Sessions that work at once never see each other's answers, progress, log messages or questions. */
import fc from 'fast-check'
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { type Message, openSession, post, said } from '../fixtures/wire.ts'

const { gateway, url } = await startGateway([
  server('left', [fixtureServer('legacy.mjs'), 'left']),
  server('right', [fixtureServer('legacy.mjs'), 'right']),
  server('dual', [fixtureServer('dual.mjs'), 'dual']),
])
t.teardown(() => gateway.stop(0))

type Act = { readonly tool: 'echo' | 'steps' | 'log' | 'sample'; readonly server: 'left' | 'right' }
const act = fc.record({
  tool: fc.constantFrom('echo' as const, 'steps' as const, 'log' as const, 'sample' as const),
  server: fc.constantFrom('left' as const, 'right' as const),
})
const plan = fc.array(fc.array(act, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 4 })

/** One session's acts, all in flight at once, with ids that every other session uses, too. Returns all that it saw. */
async function live(path: string, mark: string, acts: readonly Act[]): Promise<Message[]> {
  const session = await openSession(url + path, { sampling: {} })
  const seen: Message[] = []
  await Promise.all(
    acts.map(async ({ tool, server }, id) => {
      const name = path === '/mcp' ? `${server}__${tool}` : tool
      const value = `${mark}-${id}`
      const answer =
        tool === 'sample'
          ? await sample(session.headers, path, name, id, value, seen)
          : await session.call(id, name, { value, count: 5 }, { progressToken: id })
      seen.push(...(Array.isArray(answer) ? answer : answer.messages))
    }),
  )
  await session.end()
  return seen
}

/** A call that the server answers only after it asked back; every question on the stream is answered with its own words. */
async function sample(
  headers: Record<string, string>,
  path: string,
  name: string,
  id: number,
  value: string,
  seen: Message[],
) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { value } } }),
  })
  let rest = ''
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter((line) => line.startsWith('data: {')))
      await react(JSON.parse(line.slice(6)), headers, path, seen)
  }
  if (rest.startsWith('{')) seen.push(JSON.parse(rest))
  return []
}

async function react(message: Message, headers: Record<string, string>, path: string, seen: Message[]): Promise<void> {
  seen.push(message)
  if (message.method !== 'sampling/createMessage') return
  const { messages } = message.params as { messages: [{ content: { text: string } }] }
  const result = { model: 'm', role: 'assistant', content: { type: 'text', text: messages[0].content.text } }
  await post(url + path, { jsonrpc: '2.0', id: message.id, result }, headers)
}

/** Values that were sent carry the mark of who sent them. */
function marksIn(messages: readonly Message[]): string[] {
  return [...JSON.stringify(messages).matchAll(/mark[0-9a-z]+m/g)].map(([mark]) => mark)
}

for (const path of ['/mcp', '/mcp/left']) {
  t.test(
    `two to four sessions on ${path} with random interleavings see their own messages only, and all of them`,
    async (t) => {
      let run = 0
      const property = fc.asyncProperty(plan, async (sessions) => {
        run += 1
        const marks = sessions.map((_, index) => `mark${run.toString(36)}x${index}m`)
        // Without the capability to carry a question on another call's stream, sampling acts need their own: see `sample`.
        const seen = await Promise.all(sessions.map((acts, index) => live(path, marks[index]!, soloSampling(acts))))
        for (const [index, messages] of seen.entries()) {
          const foreign = marksIn(messages).filter((mark) => mark !== marks[index])
          if (foreign.length > 0) throw new Error(`session ${index} saw ${foreign}`)
          check(soloSampling(sessions[index]!), messages)
        }
      })
      await fc.assert(property, { numRuns: 12, endOnFailure: true })
      t.pass()
    },
  )
}

/** A question goes over the newest call's stream, so that sampling stands alone in its session's plan. */
function soloSampling(acts: readonly Act[]): readonly Act[] {
  return acts[0]?.tool === 'sample' ? acts.slice(0, 1) : acts.filter(({ tool }) => tool !== 'sample')
}

/** Each call has its one answer, and a `steps` call its five steps before it. */
function check(acts: readonly Act[], messages: readonly Message[]): void {
  for (const [id, { tool }] of acts.entries()) {
    const answers = messages.filter((message) => message.method === undefined && message.id === id)
    if (answers.length !== 1 || answers[0]?.result === undefined)
      throw new Error(`call ${id} has ${JSON.stringify(answers)}`)
    if (tool !== 'steps') continue
    const steps = messages.filter(
      ({ method, params }) => method === 'notifications/progress' && params?.['progressToken'] === id,
    )
    if (steps.length !== 5) throw new Error(`call ${id} saw ${steps.length} of 5 steps`)
  }
}

t.test(
  'modern clients on one shared copy see their own answers and progress only, though ids and tokens are the same',
  async (t) => {
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 6 }),
      async (counts) => {
        const answers = await Promise.all(counts.map((count, index) => callModern(`mark${index}m`, count)))
        for (const [index, answer] of answers.entries()) {
          if (said(answer) !== `mark${index}m`) throw new Error(`${index} was answered ${answer.text}`)
          if (marksIn(answer.messages).some((mark) => mark !== `mark${index}m`))
            throw new Error(`${index} saw ${answer.text}`)
          if (answer.messages.length !== counts[index]! + 1)
            throw new Error(`${index} saw ${answer.messages.length} messages`)
        }
      },
    )
    await fc.assert(property, { numRuns: 25, endOnFailure: true })
    t.pass()
  },
)

function callModern(value: string, count: number) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    progressToken: 'same',
  }
  const message = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'steps', arguments: { value, count }, _meta: meta },
  }
  return post(`${url}/mcp/dual`, message, {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'steps',
  })
}
