import t from 'tap'
import type { UpstreamSettings } from '../../../lib/config/model.ts'
import { capabilitiesOf, offersList } from '../../../lib/gateway/capabilities.ts'
import type { KnownServer } from '../../../lib/upstream/upstreams.ts'
import { remote, server } from '../../fixtures/gateway.ts'

function known(
  era: 'legacy' | 'modern',
  capabilities: object,
  settings: UpstreamSettings = server('s', []),
): KnownServer {
  const facts = { era, capabilities, instructions: null, serverInfo: null }
  // Only what the server is configured as counts.
  return { server: { name: settings.name, settings }, facts } as unknown as KnownServer
}

const ui = (...mimeTypes: string[]) => ({ 'io.modelcontextprotocol/ui': { mimeTypes } })
const extension = { 'io.modelcontextprotocol/tasks': {} }
const core = { list: {}, cancel: {}, requests: { tools: { call: {} } } }

t.test('what any server has is offered, with the flags that any has', async (t) => {
  const all = [
    known('legacy', { tools: {}, x: {} }),
    known('modern', { tools: { listChanged: true, other: true }, logging: {} }),
  ]
  t.same(capabilitiesOf(all, 'modern'), { tools: { listChanged: true }, logging: {} })
})

t.test('core tasks are for legacy clients of legacy servers, and joined part by part', async (t) => {
  const all = [
    known('legacy', { tasks: { cancel: {} } }),
    known('legacy', { tasks: { list: {}, requests: { tools: { call: {} } } } }),
    known('modern', { tasks: { other: {} } }),
  ]
  t.same(capabilitiesOf(all, 'legacy'), { tasks: core })
  t.same(capabilitiesOf(all, 'modern'), {})
})

t.test('tasks are listed only where the server can tell whose they are', async (t) => {
  const shared = known('legacy', { tasks: core }, server('s', [], { sharing: 'shared' }))
  const away = known('legacy', { tasks: core }, remote('s', 'http://127.0.0.1:1/'))
  for (const one of [shared, away]) {
    t.equal(offersList(one, 'tasks'), false)
    const { list: _, ...rest } = core
    t.same(capabilitiesOf([one], 'legacy'), { tasks: rest })
  }
  t.equal(offersList(known('legacy', { tasks: core }), 'tasks'), true)
  t.equal(offersList(known('legacy', { tasks: {} }), 'tasks'), false)
  t.equal(offersList(known('legacy', { resources: {} }), 'resourceTemplates'), true)
})

t.test(
  'extensions that need nothing of a gateway pass; that of tasks to modern clients alone, others not at all',
  async (t) => {
    const all = [
      known('modern', { extensions: { ...extension, ...ui('a'), 'x/y': {} } }),
      known('modern', { extensions: ui('b', 'a') }),
    ]
    t.same(capabilitiesOf(all, 'modern'), { extensions: { ...extension, ...ui('a', 'b') } })
    t.same(capabilitiesOf(all, 'legacy'), { extensions: ui('a', 'b') })
    t.same(capabilitiesOf([known('legacy', { extensions: extension })], 'modern'), {})
    t.same(capabilitiesOf([known('modern', { extensions: 7 })], 'modern'), {})
  },
)
