/** Bodies, headers and frames without end, from clients and from servers. */

import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import t from 'tap'
import { jsonHeaders, openingOf, openSession, post, send } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { goodAnswer, say } from '../support/hostile.ts'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'

const MiB = 1024 * 1024
const head = '{"jsonrpc":"2.0","id":@id@,"result":{"content":[{"type":"text","text":"'
const tail = '"}]}}\n'
const toml = `[server]\nport = 0\nmax_message_mb = 2\n${fixtureTable('hostile', 'hostile.mjs')}`

await enforceable(t, 'a body beyond max_message_mb is refused, announced or not', async (t) => {
  const serving = await serve(t, makeConfig(t, toml))
  const url = `${serving.url}/mcp/hostile`
  const session = await openSession(url)
  const padded = (bytes: number) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { pad: 'x'.repeat(bytes) } })
  t.equal((await send(url, 'POST', { ...jsonHeaders, ...session.headers }, padded(2 * MiB - 200))).status, 200)
  t.equal((await send(url, 'POST', { ...jsonHeaders, ...session.headers }, padded(2 * MiB))).status, 413)
  // Closed while it is still being written to, the connection may be reset before the answer is read.
  t.match(String(await endless(url, session.headers)), /^(413|ECONNRESET|EPIPE)$/)
  t.equal((await post(url, openingOf(), { 'x-pad': 'x'.repeat(20_000) })).status, 431)
  t.equal((await send(`${serving.url}/health`, 'GET', {})).status, 200)
})

await enforceable(t, 'a frame beyond max_message_mb fails its call, and the next call works', async (t) => {
  const serving = await serve(t, makeConfig(t, toml))
  const url = `${serving.url}/mcp/hostile`
  const session = await openSession(url)
  const ofMebibytes = (count: number) => [head, ['x'.repeat(1024), 1024 * count] as const, tail]
  const fits = await say({ url, session, id: 1, frames: ofMebibytes(1) })
  t.equal(JSON.parse(fits.events.at(-1) ?? '').result.content[0].text.length, MiB)

  const before = residentBytes(serving.pid)
  for (const id of [2, 3, 4]) {
    const tooLarge = await say({ url, session, id, frames: ofMebibytes(128) })
    t.match(JSON.parse(tooLarge.events.at(-1) ?? ''), { id, error: { message: /longer than 2097152 bytes/ } })
  }
  t.match(JSON.parse((await say({ url, session, id: 5, frames: [goodAnswer] })).events.at(-1) ?? ''), {
    id: 5,
    result: {},
  })
  // What the collector has not looked at yet is less than one of them.
  t.ok(residentBytes(serving.pid) - before < 128 * MiB, 'and they were not kept')
})

/** Sends a body of 64 MiB without saying so, until the answer comes or the connection is closed. */
function endless(url: string, headers: Record<string, string>): Promise<number | string> {
  return new Promise((resolve) => {
    const outgoing = request(url, { method: 'POST', headers: { ...jsonHeaders, ...headers } }, (response) => {
      resolve(response.statusCode ?? 0)
      outgoing.destroy()
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    const piece = Buffer.alloc(64 * 1024, ' ')
    let left = 1024
    const pump = (): void => {
      while (left-- > 0 && !outgoing.destroyed) if (!outgoing.write(piece)) return void outgoing.once('drain', pump)
    }
    pump()
  })
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}
