import t from 'tap'
import { Catalog } from '../../../lib/gateway/catalog.ts'
import { publicName } from '../../../lib/gateway/names.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import { Upstreams } from '../../../lib/upstream/upstreams.ts'
import { server, silent } from '../../fixtures/gateway.ts'

function catalogOf(...names: string[]): Catalog {
  const counters = { native: 0, twin: 0, rejected: 0 }
  const limits = { maxMessageBytes: 1024, maxCalls: 1 }
  const options = {
    start: () => Promise.reject(new Error('not here')),
    scan: scanChunkJs,
    counters,
    log: silent,
    limits,
  }
  const upstreams = new Upstreams(
    names.map((name) => server(name, [])),
    options,
  )
  t.teardown(() => upstreams.stop())
  return new Catalog(upstreams)
}

t.test('a server that lists names without end takes no room from another', async (t) => {
  const catalog = catalogOf('flood', 'calm')
  const long = (text: string) => text.padEnd(100, 'x')
  const flood = Array.from({ length: 12_000 }, (_, index) => long(`name-${index}`))
  catalog.learn('flood', 'tools', flood)
  catalog.learn('calm', 'tools', [long('one')])
  t.equal(catalog.resolve(publicName('calm', long('one')))?.name, long('one'))
  t.equal(catalog.resolve(publicName('flood', long('name-1')))?.name, long('name-1'))
  t.equal(catalog.resolve(publicName('flood', long('name-11999')))?.name, null, 'its own room is bounded')
})

t.test('a name that is too long to keep is not kept', async (t) => {
  const catalog = catalogOf('one')
  for (const [length, known] of [
    [4096, true],
    [4097, false],
  ] as const) {
    const name = 'x'.repeat(length)
    catalog.learn('one', 'prompts', [name])
    t.equal(catalog.resolve(publicName('one', name))?.name, known ? name : null)
  }
})
