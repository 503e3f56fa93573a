/** What a server was found to speak in an earlier run saves the asking, and no more than that. */
import t, { type Test } from 'tap'
import { scanChunkJs } from '../../../../lib/protocol/scan.ts'
import { maxFactsAgeMs, UpstreamServer } from '../../../../lib/upstream/server.ts'
import type { Verdict, Verdicts } from '../../../../lib/upstream/verdicts/model.ts'
import { fixtureServer, server, silent } from '../../../fixtures/gateway.ts'
import { plainStarter } from '../../../fixtures/start-plain.ts'

function upstream(t: Test, script: string, known: Verdict | null, overrides: Parameters<typeof server>[2] = {}) {
  const starter = plainStarter()
  const noted: string[] = []
  let renewed: () => void = () => {}
  const wasNoted = new Promise<void>((resolve) => {
    renewed = resolve
  })
  const verdicts: Verdicts = {
    find: () => known,
    note: (_, era) => {
      noted.push(era)
      renewed()
    },
  }
  const made = new UpstreamServer({
    settings: server('s', [fixtureServer(script)], overrides),
    start: starter.start,
    scan: scanChunkJs,
    counters: { native: 0, twin: 0, rejected: 0 },
    log: silent,
    limits: { maxMessageBytes: 1024 * 1024, maxCalls: 16 },
    verdicts,
  })
  t.teardown(() => made.pool.stop())
  return { server: made, started: starter.started, noted, wasNoted }
}

t.test('a server that exits on being asked is not asked again', async (t) => {
  const fresh = upstream(t, 'exits-on-probe.mjs', null)
  t.match(await fresh.server.facts(), { era: 'legacy' })
  t.same([fresh.started.length, fresh.noted], [2, ['legacy']])
  const known = upstream(t, 'exits-on-probe.mjs', { era: 'legacy', at: Date.now() })
  t.match(await known.server.facts(), { era: 'legacy', serverInfo: {} })
  t.same([known.started.length, known.noted], [1, []], 'what was only assumed is not noted as found')
})

t.test('what a server can do is always its own word', async (t) => {
  const { server: known } = upstream(t, 'legacy.mjs', { era: 'legacy', at: Date.now() })
  t.match(await known.facts(), { instructions: 'for mcp-one' })
})

t.test('a server that has changed since is found out', async (t) => {
  for (const [script, was, is] of [
    ['modern-only.mjs', 'legacy', 'modern'],
    ['legacy.mjs', 'modern', 'legacy'],
  ] as const) {
    const { server: changed, noted } = upstream(t, script, { era: was, at: Date.now() })
    t.match(await changed.facts(), { era: is }, script)
    t.same(noted, [is])
  }
})

t.test('what is older than a day is used at once, and found out anew behind it', async (t) => {
  const at = Date.now() - maxFactsAgeMs - 1000
  const old = upstream(t, 'legacy.mjs', { era: 'legacy', at })
  t.match(await old.server.facts(), { era: 'legacy' })
  t.same(old.noted, [])
  t.match(await old.server.facts(), { era: 'legacy' })
  await old.wasNoted
  t.same([old.noted, old.started.length], [['legacy'], 2])
})

t.test('where the settings say the era, nothing is remembered', async (t) => {
  const { server: told, noted } = upstream(t, 'dual.mjs', { era: 'modern', at: Date.now() }, { protocol: 'legacy' })
  t.match(await told.facts(), { era: 'legacy' })
  t.same(noted, [])
})
