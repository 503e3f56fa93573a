/** Several legacy sessions on one copy of a modern server: whatever the order, each answer reaches the call that asked. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import fc from 'fast-check'
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'

const { gateway, url, started } = await startGateway([
  server('modern', [fixtureServer('modern-only.mjs')], { protocol: '2026-07-28' }),
])
t.teardown(() => gateway.stop(0))

const act = fc.record({
  tool: fc.constantFrom('ask' as const, 'rounds' as const, 'steps' as const),
  /** Turns of the event loop before each of its questions is answered. */
  turns: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 3, maxLength: 3 }),
})
const plan = fc.array(fc.array(act, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 4 })
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate)
}

/** One session with all its calls in flight at once; resolves with what was wrong. */
async function live(session: number, acts: readonly Act[]): Promise<string[]> {
  const client = new Client({ name: `session ${session}`, version: '1' }, { capabilities: { elicitation: {} } })
  let asked = 0
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    const waits = acts.flatMap((each) => each.turns)
    await turns(waits[asked++ % waits.length] ?? 0)
    return { action: 'accept' as const, content: { word: `${session}: ${params.message}` } }
  })
  // The SDK's own declaration does not allow `undefined` where its interface does.
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp/modern`)) as never)
  const faults = await Promise.all(acts.map((each, index) => run(client, `${session}.${index}`, session, each)))
  await client.close()
  return faults.filter((fault) => fault !== '')
}

async function run(client: Client, mark: string, session: number, { tool, turns: { length } }: Act): Promise<string> {
  const steps: (string | undefined)[] = []
  const args = { ask: { value: mark }, rounds: { count: length, value: mark }, steps: { count: 3, value: mark } }[tool]
  const result = await client.callTool({ name: tool, arguments: args }, undefined, {
    onprogress: ({ message }) => steps.push(message),
  })
  const [{ text }] = result.content as [{ text: string }]
  const expected = {
    ask: JSON.stringify({ value: mark, answer: { action: 'accept', content: { word: `${session}: ${mark}` } } }),
    rounds: JSON.stringify([1, 2, 3].map((word) => `${session}: word ${word} of ${mark}`)),
    steps: mark,
  }[tool]
  if (text !== expected) return `${mark} was told ${text}`
  return tool === 'steps' && steps.join() !== [mark, mark, mark].join() ? `${mark} saw the steps ${steps}` : ''
}

t.test('two to four sessions ask and are asked at once, and nobody hears what is not theirs', async (t) => {
  const property = fc.asyncProperty(plan, async (sessions) => {
    const faults = (await Promise.all(sessions.map((acts, index) => live(index, acts)))).flat()
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
  await fc.assert(property, { numRuns: 15, endOnFailure: true })
  t.equal(started.length, 1, 'all of it on one copy')
})
