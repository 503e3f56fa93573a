/** On `/mcp`, what several servers list stays what each of them wrote, but for the names; so do the requests that name it. */
import { strictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { publicName } from '../../lib/gateway/names.ts'
import { ResourceRoutes } from '../../lib/gateway/resource-routes.ts'
import { TaskNames } from '../../lib/gateway/task-names.ts'
import { frameScanner } from '../../lib/upstream/frame-scanner.ts'
import { gap, type Member, objectOf, scalarText, spelled, stringText, valueText } from '../support/odd-json.ts'
import { answerText, flat, render, renderLine, requestText, slot } from '../support/odd-messages.ts'
import type { Puppet } from '../support/puppet.ts'
import { type Bench, legacyScript, openRawSession, type RawSession, startBench } from '../support/relay-bench.ts'
import { Stage } from '../support/stage.ts'

interface Scene {
  readonly bench: Bench
  readonly session: RawSession
  /** What the session has been shown so far. */
  readonly routes: ResourceRoutes
}

const stage = new Stage<Scene>(
  async () => {
    const servers = { one: legacyScript(), two: legacyScript() }
    const bench = await startBench(servers, {}, frameScanner())
    return { bench, session: await openRawSession(bench.client('/mcp')), routes: new ResourceRoutes() }
  },
  ({ bench }) => bench.stop(),
)
t.teardown(() => stage.stop())

/** The next line to any copy of a server. */
async function asked({ all }: Bench, server: string): Promise<{ puppet: Puppet; id: string; line: string }> {
  for (;;) {
    for (const puppet of all.filter((it) => it.server === server)) {
      const [line, ...more] = puppet.take()
      strictEqual(more.length, 0)
      if (line !== undefined) return { puppet, id: String(JSON.parse(line).id), line }
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const lists = [
  { method: 'tools/list', list: 'tools', key: 'name' },
  { method: 'prompts/list', list: 'prompts', key: 'name' },
  { method: 'resources/list', list: 'resources', key: 'uri' },
  { method: 'resources/templates/list', list: 'resourceTemplates', key: 'uriTemplate' },
  { method: 'tasks/list', list: 'tasks', key: 'taskId' },
] as const

/** An element whose identifying string is a slot, and the text of that string. */
function elementOf(key: string): fc.Arbitrary<{ name: string; text: string }> {
  const others = fc.array(
    fc.tuple(
      stringText(4).filter((text) => JSON.parse(text) !== key),
      valueText,
    ),
    { maxLength: 3 },
  )
  const members = fc.tuple(spelled(key), others).map(([own, others]): Member[] => [[own, slot('name')], ...others])
  const text = objectOf(members.chain((all) => fc.shuffledSubarray(all, { minLength: all.length })))
  return fc.record({ name: stringText(20), text })
}

function pageOf(list: string, elements: readonly { name: string; text: string }[], gap: string): string {
  const texts = elements.map(({ name, text }) => text.replace(slot('name'), () => name))
  return `{${gap}"${list}"${gap}:${gap}[${texts.join(`${gap},${gap}`)}]${gap}}`
}

for (const { method, list, key } of lists) {
  t.test(`${method} of two servers`, async (t) => {
    const elements = fc.array(elementOf(key), { maxLength: 3 })
    const done = await stage.holds(
      fc.tuple(elements, elements, gap),
      async ({ bench, session: { client, headers }, routes }, [ofOne, ofTwo, gap]) => {
        const exchange = client.post(headers, `{"jsonrpc":"2.0","id":7,"method":"${method}"}`)
        for (const [server, elements] of [
          ['one', ofOne],
          ['two', ofTwo],
        ] as const) {
          const { puppet, id } = await asked(bench, server)
          const result = renderLine(pageOf(list, elements, gap))
          puppet.write(`{"jsonrpc":"2.0","id":${id},"result":${result}}\n`)
        }
        const all = [...ofOne.map((it) => ['one', it] as const), ...ofTwo.map((it) => ['two', it] as const)]
        for (const [server, { name }] of all) learn(routes, key, server, JSON.parse(name) as string)
        const seen = new Set<string>()
        const expected = all.flatMap(([server, { name, text }]) => {
          const real = JSON.parse(name) as string
          const shown = shownAs(key, routes, server, real)
          if (seen.has(shown)) return []
          seen.add(shown)
          return [flat(render(text, { name: shown === real ? name : JSON.stringify(shown) }))]
        })
        const { messages } = await exchange.reply
        const head = `{"jsonrpc":"2.0","id":7,"result":{"${list}":[`
        strictEqual(flat(messages.join('\n')), `${head}${expected.join(',')}]}}`)
      },
      { runs: 150, ms: 3000 },
    )
    t.ok(done > 15, `${done} runs`)
  })
}

function shownAs(key: (typeof lists)[number]['key'], routes: ResourceRoutes, server: string, text: string): string {
  if (key === 'name') return publicName(server, text)
  return key === 'taskId' ? new TaskNames(server, 'anonymous').shown(text) : routes.shown(server, text)
}

function learn(routes: ResourceRoutes, key: (typeof lists)[number]['key'], server: string, text: string): void {
  if (key === 'uri') routes.addUri(server, text)
  else if (key === 'uriTemplate') routes.addTemplate(server, text)
}

const ref = (known: Record<string, string>) => {
  const members = Object.entries(known).map(([key, text]) => fc.tuple(spelled(key), fc.constant(text)))
  const others = fc.array(fc.tuple(stringText(4).filter(isFree), valueText), { maxLength: 2 })
  return objectOf(fc.tuple(fc.tuple(...members), others).map(([own, others]): Member[] => [...others, ...own]))
}
const isFree = (text: string): boolean => !['type', 'name', 'uri'].includes(JSON.parse(text) as string)

t.test('completion/complete of a prompt', async (t) => {
  const request = requestText({
    method: 'completion/complete',
    params: { ref: ref({ type: '"ref/prompt"', name: slot('name') }), argument: valueText },
  })
  const texts = fc.record({ request, id: scalarText, name: stringText(20), answer: answerText })
  const done = await stage.holds(
    texts,
    async ({ bench, session: { client, headers } }, { request, id, name, answer }) => {
      const exchange = client.post(headers, render(request, { id, name: `"two__${name.slice(1)}` }))
      const { puppet, id: own, line } = await asked(bench, 'two')
      strictEqual(line, flat(render(request, { id: own, name: JSON.stringify(JSON.parse(name)) })).trim())
      puppet.write(`${renderLine(answer, { id: own })}\n`)
      strictEqual(flat((await exchange.reply).messages.join('\n')), flat(render(answer, { id })).trim())
    },
    { runs: 150, ms: 2000 },
  )
  t.ok(done > 15, `${done} runs`)
})
