/** Over every other transport, of clients and of servers elsewhere, nothing changes either but ids, names and line breaks. */
import { strictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { httpLimits } from '../../lib/http/server.ts'
import { scanChunkJs } from '../../lib/protocol/scan.ts'
import { frameScanner } from '../../lib/upstream/frame-scanner.ts'
import { remote, startGateway } from '../fixtures/gateway.ts'
import { headersOf, legacyCall, logText, modernCall, namings, progressText } from '../support/odd-calls.ts'
import { flat, render } from '../support/odd-messages.ts'
import { openSse, openStdio, type RawChannel } from '../support/raw-channel.ts'
import { RawClient } from '../support/raw-client.ts'
import { type Arrival, serveRaw } from '../support/raw-remote.ts'
import { legacyScript, modernScript, openRawSession, type PlainScript } from '../support/relay-bench.ts'
import { makeConfig } from '../support/serve.ts'
import { Stage } from '../support/stage.ts'

interface Called {
  /** What comes of it, this many of them. */
  messages(count: number): Promise<readonly string[]>
  /** Rejects when the call is answered, where that can be seen without taking the answer. */
  readonly early: Promise<never>
}

interface Scene {
  /** Sends a call with this name (JSON text). */
  call(body: string, name: string): Called
  next(): Promise<Arrival>
  stop(): Promise<void>
}

const list = { 'tools/list': '{"tools":[]}' }
const modernList = { 'tools/list': '{"tools":[],"resultType":"complete","ttlMs":0,"cacheScope":"private"}' }
const legacy = legacyScript(list)

/** A client of one era at a gateway in front of a server that is elsewhere. */
async function far(era: 'legacy' | 'modern', kind: 'http' | 'sse', scan = frameScanner()): Promise<Scene> {
  const script: PlainScript = era === 'legacy' ? legacy : modernScript(modernList)
  const server = await serveRaw(kind, script)
  const started = await startGateway(
    [remote('one', server.url, { type: kind })],
    {},
    { type: 'none' },
    null,
    httpLimits,
    scan,
  )
  const client = new RawClient(`${started.url}/mcp/one`)
  const headers = era === 'legacy' ? (await openRawSession(client)).headers : null
  return {
    call(body, name) {
      const { reply } = client.post(headers ?? headersOf('tools/call', name), body)
      return { messages: async () => (await reply).messages, early: reply.then(({ body }) => refused(body)) }
    },
    next: () => server.next(),
    async stop() {
      client.close()
      await started.gateway.stop(0)
      server.stop()
    },
  }
}

/** An old client in front of such a server. */
async function overSse(path: string): Promise<Scene> {
  const server = await serveRaw('http', legacy)
  const started = await startGateway(
    [remote('one', server.url)],
    {},
    { type: 'none' },
    null,
    httpLimits,
    frameScanner(),
  )
  const channel = await openSse(started.url + path)
  return sceneOf(
    channel,
    () => server.next(),
    async () => {
      await started.gateway.stop(0)
      server.stop()
    },
  )
}

async function overStdio(more: readonly string[]): Promise<Scene> {
  const server = await serveRaw('http', legacy)
  const { file } = makeConfig(t, `[[servers]]\nname = "one"\nurl = "${server.url}"\n`)
  const channel = await openStdio(file, more)
  return sceneOf(
    channel,
    () => server.next(),
    async () => server.stop(),
  )
}

function sceneOf(channel: RawChannel, next: Scene['next'], stop: Scene['stop']): Scene {
  return {
    call(body) {
      channel.send(body)
      const messages = async (count: number) => {
        const got: string[] = []
        while (got.length < count) got.push(await channel.next())
        return got
      }
      return { messages, early: new Promise(() => {}) }
    },
    next,
    async stop() {
      channel.close()
      await stop()
    },
  }
}

const ways = [
  { title: 'a legacy server over HTTP', era: 'legacy', open: () => far('legacy', 'http'), naming: namings.one },
  {
    title: 'the same, scanner twin',
    era: 'legacy',
    open: () => far('legacy', 'http', scanChunkJs),
    naming: namings.one,
  },
  { title: 'a modern server over HTTP', era: 'modern', open: () => far('modern', 'http'), naming: namings.one },
  { title: 'a server over HTTP+SSE', era: 'legacy', open: () => far('legacy', 'sse'), naming: namings.one },
  { title: '/sse/one', era: 'legacy', open: () => overSse('/sse/one'), naming: namings.one },
  { title: '/sse', era: 'legacy', open: () => overSse('/sse'), naming: namings.all },
  { title: '--stdio --server one', era: 'legacy', open: () => overStdio(['--server', 'one']), naming: namings.one },
  { title: '--stdio', era: 'legacy', open: () => overStdio([]), naming: namings.all },
] as const

const idOf = (line: string): string => JSON.stringify(JSON.parse(line).id)

for (const { title, era, open, naming } of ways) {
  const stage = new Stage<Scene>(open, (scene) => scene.stop())
  t.teardown(() => stage.stop())
  const call = era === 'legacy' ? legacyCall : modernCall
  const events = fc.array(fc.oneof(logText, progressText), { maxLength: 3 })

  t.test(`${title}: a request, what the server says before its answer, and the answer`, async (t) => {
    await stage.ready()
    const done = await stage.holds(
      fc.tuple(call, events),
      async (scene, [{ request, id, token, name, answer }, events]) => {
        const shown = naming.publicName(name)
        const { messages, early } = scene.call(render(request, { id, token, name: shown }), shown)
        early.catch(() => {})
        const arrival = await Promise.race([scene.next(), early])
        const own = idOf(arrival.line)
        const ownToken = era === 'legacy' ? token : own
        const sent = flat(render(request, { id: own, token: ownToken, name: naming.realName(name) })).trim()
        strictEqual(flat(arrival.line).trim(), sent)
        const told = events.map((event) => render(event, { token: ownToken }))
        arrival.answer(render(answer, { id: own }), told)
        const expected = [...events.map((event) => render(event, { token })), render(answer, { id })]
        const got = await messages(expected.length)
        strictEqual(got.map((it) => flat(it).trim()).join('\n'), expected.map((it) => flat(it).trim()).join('\n'))
      },
      { runs: 300, ms: 2500 },
    )
    t.ok(done > 10, `${done} runs`)
  })
}

function refused(body: string): never {
  throw new Error(`answered before the server was: ${body}`)
}
