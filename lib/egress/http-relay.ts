/** One request of a server to the destination that was judged, and its answer. Both sides may be hostile: what is passed on is framed anew. */
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { Destination } from './destination.ts'
import type { Meter } from './meter.ts'
import { idleMs } from './tunnel.ts'

export interface Target extends Destination {
  /** For the Host header. */
  readonly authority: string
  readonly path: string
}

/** Between two neighbours (RFC 9110 §7.6.1), what is for a proxy alone, and how long the body is: that is said anew. */
const hopByHop = [
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate'],
  ...['te', 'trailer', 'transfer-encoding', 'content-length', 'upgrade', 'host'],
]

/** Takes `upstream` over, which is connected to the target. */
export function relay(
  meter: Meter,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { authority, path }: Target,
  upstream: Socket,
): void {
  const fail = (): void => {
    upstream.destroy()
    if (outgoing.headersSent) outgoing.destroy()
    else refuse(outgoing, 502)
  }
  const count = meter.count(upstream)
  upstream.setTimeout(idleMs, () => upstream.destroy())
  outgoing.once('close', () => upstream.destroy())
  try {
    const headers = [...passedOn(incoming.rawHeaders), 'Host', authority, 'Connection', 'close', ...framing(incoming)]
    const method = incoming.method ?? 'GET'
    const sent = request({ createConnection: () => upstream, method, path, headers, setHost: false })
    sent.on('response', (response) => answer(response, outgoing, count, fail))
    sent.on('upgrade', fail)
    sent.on('error', fail)
    pipeline(incoming, sent, count)
    incoming.on('data', count)
  } catch {
    fail()
  }
}

export function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { connection: 'close', 'content-length': 0 }).end()
}

function answer(response: IncomingMessage, outgoing: ServerResponse, count: () => void, fail: () => void): void {
  const { statusCode = 0, rawHeaders } = response
  // 101 would be another protocol, which nobody asked for; lesser numbers are no answers.
  if (statusCode < 200 || statusCode > 999) return void fail()
  try {
    // Without its words: they may hold what no header may.
    outgoing.writeHead(statusCode, [...passedOn(rawHeaders), ...lengthOf(response)])
  } catch {
    return void fail()
  }
  pipeline(response, outgoing, fail)
  response.on('data', count)
}

/** Whatever the method: a body without it would be the next request to whoever reads. The parser has seen to it that there is only one. */
function framing({ headers }: IncomingMessage): string[] {
  const { 'content-length': length } = headers
  if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked']
  return length === undefined ? [] : ['Content-Length', length]
}

function lengthOf({ headers }: IncomingMessage): string[] {
  const { 'content-length': length } = headers
  return length === undefined ? [] : ['Content-Length', length]
}

/** Names and values in turn, without those that are for a neighbour only. */
function passedOn(rawHeaders: readonly string[]): string[] {
  const dropped = new Set(hopByHop)
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'connection') continue
    for (const name of rawHeaders[index + 1]?.split(',') ?? []) dropped.add(name.trim().toLowerCase())
  }
  return rawHeaders.filter((_, index) => !dropped.has(rawHeaders[index - (index % 2)]?.toLowerCase() ?? ''))
}
