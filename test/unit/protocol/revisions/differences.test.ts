/** What is decided from the revisions: which requests, capabilities and members of results each one has. */
import t from 'tap'
import { shared, understood } from '../../../../lib/protocol/revisions/capabilities.ts'
import { newestLegacy, newestModern, type Revision, revisionOf } from '../../../../lib/protocol/revisions/index.ts'
import { isForeign, mayAsk } from '../../../../lib/protocol/revisions/requests.ts'
import { requiredMembers } from '../../../../lib/protocol/revisions/results.ts'

function revision(version: string): Revision {
  const found = revisionOf(version)
  if (found === null) throw new Error(`there is no ${version}`)
  return found
}

const foreign: readonly (readonly [version: string, method: string, expected: boolean])[] = [
  ['2026-07-28', 'initialize', true],
  ['2026-07-28', 'ping', true],
  ['2026-07-28', 'logging/setLevel', true],
  ['2026-07-28', 'resources/subscribe', true],
  ['2026-07-28', 'resources/unsubscribe', true],
  ['2026-07-28', 'tasks/result', true],
  ['2026-07-28', 'tasks/list', true],
  ['2026-07-28', 'tools/call', false],
  ['2025-11-25', 'server/discover', true],
  ['2025-11-25', 'subscriptions/listen', true],
  ['2025-11-25', 'tasks/update', true],
  ['2025-11-25', 'tasks/result', false],
  ['2025-06-18', 'tasks/get', true],
  ['2024-11-05', 'completion/complete', false],
]

for (const [version, method, expected] of foreign) {
  t.test(`${method} ${expected ? 'belongs to other revisions than' : 'is a request of'} ${version}`, async (t) => {
    t.equal(isForeign(revision(version), method), expected)
  })
}

t.test('requests of the tasks extension are no foreign ones, though an earlier revision had their names', async (t) => {
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) t.notOk(isForeign(newestModern, method))
})

t.test('a request that no revision has is nobody else’s', async (t) => {
  for (const method of ['x/own', '', '__proto__', 'constructor']) t.notOk(isForeign(newestModern, method))
})

t.test('three requests may be answered with questions', async (t) => {
  for (const method of ['tools/call', 'prompts/get', 'resources/read']) t.ok(mayAsk(method))
  for (const method of ['tools/list', 'completion/complete', '']) t.notOk(mayAsk(method))
})

const client = {
  roots: { listChanged: true },
  sampling: { tools: {} },
  elicitation: { form: {}, url: {} },
  own: { a: 1 },
}

t.test('a peer is told of the capabilities that its revision has, and of the parts of each', async (t) => {
  const told = (version: string) => understood(revision(version), 'client', client)
  t.same(told('2024-11-05'), { roots: { listChanged: true }, sampling: {}, own: { a: 1 } })
  t.same(told('2025-03-26'), told('2024-11-05'))
  t.same(told('2025-06-18'), { roots: { listChanged: true }, sampling: {}, elicitation: {}, own: { a: 1 } })
  t.same(told('2025-11-25'), client)
  t.same(told('2026-07-28'), { ...client, roots: {} })
})

t.test('servers have a capability for completions from 2025-03-26 on', async (t) => {
  const server = { completions: {}, tools: { listChanged: true } }
  t.same(understood(revision('2024-11-05'), 'server', server), { tools: { listChanged: true } })
  for (const version of ['2025-03-26', '2026-07-28']) t.same(understood(revision(version), 'server', server), server)
})

t.test('tasks are a capability of 2025-11-25 alone; extensions are agreed upon in any', async (t) => {
  const declared = { tasks: { list: {} }, extensions: { 'a.b/c': {} }, experimental: { x: {} } }
  t.same(understood(newestLegacy, 'client', declared), declared)
  for (const version of ['2025-06-18', '2026-07-28']) {
    const { tasks: _, ...rest } = declared
    t.same(understood(revision(version), 'client', declared), rest)
  }
})

t.test('names from the prototype of objects are names like any other', async (t) => {
  const declared = JSON.parse('{"__proto__":{"a":1},"constructor":{},"roots":{"__proto__":1,"toString":2}}')
  t.equal(
    JSON.stringify(understood(newestModern, 'client', declared)),
    '{"__proto__":{"a":1},"constructor":{},"roots":{"__proto__":1,"toString":2}}',
  )
})

t.test('two revisions share the capabilities and parts that both have', async (t) => {
  t.same(shared(newestModern.client.capabilities, newestLegacy.client.capabilities), {
    experimental: [],
    roots: [],
    sampling: ['context', 'tools'],
    elicitation: ['form', 'url'],
  })
})

t.test(
  'only results of the new revision have members that they must have, and those that may be kept have more',
  async (t) => {
    t.same(requiredMembers(newestModern, 'tools/call'), { resultType: 'complete' })
    t.same(requiredMembers(newestModern, 'tools/list'), { resultType: 'complete', ttlMs: 0, cacheScope: 'private' })
    t.same(requiredMembers(newestLegacy, 'tools/list'), {})
  },
)
