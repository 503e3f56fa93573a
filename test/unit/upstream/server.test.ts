import t from 'tap'
import type { LocalSettings } from '../../../lib/config/model.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import { ask } from '../../../lib/upstream/ask.ts'
import type { StartServer } from '../../../lib/upstream/model.ts'
import { requestOf } from '../../../lib/upstream/outgoing.ts'
import { maxFactsAgeMs, UpstreamServer } from '../../../lib/upstream/server.ts'
import { requestLimit } from '../../../lib/upstream/time-limit.ts'
import { fixtureServer, server, silent } from '../../fixtures/gateway.ts'
import { plainStarter } from '../../fixtures/start-plain.ts'
import { puppets } from '../../support/puppet.ts'
import { legacyScript } from '../../support/relay-bench.ts'
import { until } from '../../support/until.ts'

const listenParams = JSON.stringify({
  notifications: { toolsListChanged: true },
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'n', version: '1' },
  },
})
const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, 'still there'))

function upstream(script: string, overrides: Parameters<typeof server>[2] = {}, now?: () => number, idleMs?: number) {
  const starter = plainStarter()
  const settings = server('s', [fixtureServer(script)], overrides)
  return { upstream: upstreamOf(settings, starter.start, now, idleMs), ...starter }
}

function upstreamOf(settings: LocalSettings, start: StartServer, now?: () => number, idleMs?: number): UpstreamServer {
  const counters = { native: 0, twin: 0, rejected: 0 }
  const limits = { maxMessageBytes: 1024 * 1024, maxCalls: 16 }
  const options = {
    settings,
    start,
    scan: scanChunkJs,
    counters,
    log: silent,
    limits,
    ...(idleMs !== undefined && { idleMs }),
  }
  const upstream = new UpstreamServer(options, now)
  t.teardown(() => upstream.pool.stop())
  return upstream
}

t.test('a server is asked which era it speaks', async (t) => {
  t.match(await upstream('dual.mjs').upstream.facts(), { era: 'modern', serverInfo: { name: 'dual' } })
  t.match(await upstream('legacy.mjs').upstream.facts(), { era: 'legacy', instructions: 'for mcp-one' })
})

t.test('a server that exits on being asked is a legacy one, and is started again', async (t) => {
  const { upstream: server, started } = upstream('exits-on-probe.mjs')
  t.match(await server.facts(), { era: 'legacy' })
  t.equal(started.length, 2)
})

t.test('the era that is written is not asked for', async (t) => {
  t.match(await upstream('dual.mjs', { protocol: 'legacy' }).upstream.facts(), { era: 'legacy' })
  const { upstream: server, started } = upstream('exits-on-probe.mjs', { protocol: 'legacy' })
  t.match(await server.facts(), { era: 'legacy' })
  t.equal(started.length, 1)
  // It answers no discover: it is taken at its owner's word.
  t.match(await upstream('legacy.mjs', { protocol: '2026-07-28' }).upstream.facts(), {
    era: 'modern',
    serverInfo: null,
  })
})

t.test('whoever waits too long for a start, or for an answer, is told which setting helps', async (t) => {
  const hint = /^Raise startup_timeout_seconds/
  const mute = server('s', ['-e', 'process.stdin.resume()'], { startupTimeoutMs: 200 })
  await t.rejects(upstreamOf(mute, plainStarter().start).facts(), { code: 'TIMEOUT', hint })
  const late = upstreamOf(mute, () => new Promise(() => {}))
  await t.rejects(late.facts(), { code: 'TIMEOUT', message: /did not start/, hint })
  const { upstream: slow } = upstream('legacy.mjs', { requestTimeoutMs: 200 })
  const call = ask(await slow.pool.start(), 'tools/call', '{"name":"hang"}', requestLimit(slow.settings))
  await t.rejects(call, { code: 'TIMEOUT', hint: /^Raise request_timeout_seconds/ })
})

t.test('what a server said is kept for a day', async (t) => {
  let now = 0
  const { upstream: server, started } = upstream('legacy.mjs', {}, () => now)
  const first = await server.facts()
  now = maxFactsAgeMs
  t.equal(await server.facts(), first)
  t.equal(started.length, 1)
  now += 1
  t.equal(await server.facts(), first, 'the old facts are good until there are new ones')
  await until(async () => (await server.facts()) !== first)
  t.equal(started.length, 2)
})

t.test('principals have a copy each, or share one where that is written', async (t) => {
  const { upstream: own } = upstream('dual.mjs')
  await own.facts()
  const mine = await own.pool.shared('me')
  t.equal(await own.pool.shared('me'), mine)
  t.not(await own.pool.shared('you'), mine)
  const { upstream: common, started } = upstream('dual.mjs', { sharing: 'shared' })
  await common.facts()
  t.equal(await common.pool.shared('me'), await common.pool.shared('you'))
  t.equal(started.length, 1, 'the copy that was asked is the one')
})

t.test('a shared copy that nobody uses is ended, and started again on need', async (t) => {
  const { upstream: modern, started } = upstream('dual.mjs', {}, undefined, 50)
  await modern.facts()
  const unused = await modern.pool.shared('me')
  t.match(await unused.closed, { message: /was not used for a while/ })
  const again = await modern.pool.shared('me')
  const subscribed = new Promise((resolve) => {
    again.request({
      write: (id) => requestOf(id, 'subscriptions/listen', listenParams),
      token: null,
      limit: null,
      listener: { onAnswer: resolve, onFailure: resolve },
    })
  })
  // Longer than an unused one may stay.
  t.equal(await Promise.race([again.closed, delay(200)]), 'still there')
  await again.stop()
  await subscribed
  t.equal(started.length, 2)
})

t.test('a shared copy without a call in flight makes room, one with a call does not', async (t) => {
  const { upstream: modern } = upstream('dual.mjs', { maxInstances: 1 })
  await modern.facts()
  const mine = await modern.pool.shared('me')
  const id = mine.request({
    write: (id) => requestOf(id, 'subscriptions/listen', listenParams),
    token: null,
    limit: null,
    listener: { onAnswer() {}, onFailure() {} },
  })
  await t.rejects(modern.pool.shared('you'), { code: 'TOO_MANY' })
  mine.cancel(id, 'enough')
  const theirs = await modern.pool.shared('you')
  t.same([mine.alive, theirs.alive], [false, true])
})

t.test('whoever finds a server being asked about itself waits for the place', async (t) => {
  for (const [era, answer] of [
    ['legacy', '"error":{"code":-32601,"message":"no"}'],
    ['modern', '"result":{"supportedVersions":["2026-07-28"],"capabilities":{}}'],
  ] as const) {
    const known = legacyScript()
    const cast = puppets({ s: (line, copy) => !line.includes('server/discover') && known(line, copy) })
    const one = upstreamOf(server('s', [], { maxInstances: 1 }), cast.start)
    const facts = one.facts()
    const copy = await until(() => cast.all[0])
    const asked = JSON.parse(await copy.next())
    const waiting = one.pool.start()
    copy.write(`{"jsonrpc":"2.0","id":${asked.id},${answer}}\n`)
    t.match(await facts, { era })
    t.ok((await waiting).alive)
    t.equal(cast.all.length, 2, 'in a copy of its own')
    await t.rejects(one.pool.start(), { code: 'TOO_MANY' })
  }
})

t.test('idle copies make room, copies in use do not', async (t) => {
  const { upstream: small } = upstream('legacy.mjs', { maxInstances: 2 })
  const [idle] = [await small.pool.start(), await small.pool.start()]
  await t.rejects(small.pool.start(), { code: 'TOO_MANY' })
  small.pool.idle.add(idle)
  t.ok((await small.pool.start()).alive)
  t.notOk(idle.alive)
  await t.rejects(small.pool.start(), { code: 'TOO_MANY' })
})
