/** Servers elsewhere that show the bytes they get, and send bytes: of each era over HTTP, and over HTTP+SSE. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { flat } from './odd-messages.ts'
import type { PlainScript } from './relay-bench.ts'

/** A request for the test. Bytes are Latin-1. */
export interface Arrival {
  readonly line: string
  /** The answer, after these other messages. */
  answer(message: string, events: readonly string[]): void
}

export interface RawRemote {
  readonly url: string
  next(): Promise<Arrival>
  stop(): void
}

/** `script` answers what it knows. */
export async function serveRaw(kind: 'http' | 'sse', script: PlainScript): Promise<RawRemote> {
  const waiting: Arrival[] = []
  const takers: ((arrival: Arrival) => void)[] = []
  const take = (arrival: Arrival) => {
    const taker = takers.shift()
    if (taker === undefined) waiting.push(arrival)
    else taker(arrival)
  }
  const server = createServer(kind === 'http' ? streamable(script, take) : oldSse(script, take))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/${kind === 'http' ? 'mcp' : 'sse'}`,
    next: () =>
      new Promise((resolve) => {
        const known = waiting.shift()
        if (known === undefined) takers.push(resolve)
        else resolve(known)
      }),
    stop: () => stop(server),
  }
}

type Take = (arrival: Arrival) => void
type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>

function streamable(script: PlainScript, take: Take): Listener {
  return async (request, response) => {
    if (request.method !== 'POST') return response.writeHead(405).end()
    const line = await bodyOf(request)
    const write = (message: string) => {
      if (message.includes('"error"')) response.writeHead(400, json).end(message, 'latin1')
      else response.writeHead(200, { ...json, 'mcp-session-id': 'one' }).end(message, 'latin1')
    }
    if (script(line, { write })) return response.headersSent || response.writeHead(202).end()
    return take({
      line,
      answer(message, events) {
        if (events.length === 0) return response.writeHead(200, json).end(message, 'latin1')
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        return response.end([...events, message].map(eventOf).join(''), 'latin1')
      },
    })
  }
}

function oldSse(script: PlainScript, take: Take): Listener {
  let stream: ServerResponse | undefined
  const write = (message: string) => stream?.write(eventOf(message), 'latin1')
  return async (request, response) => {
    if (request.method === 'GET') {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
      return stream.write('event: endpoint\ndata: /messages\n\n')
    }
    const line = await bodyOf(request)
    response.writeHead(202).end()
    if (script(line, { write })) return true
    return take({ line, answer: (message, events) => [...events, message].forEach(write) })
  }
}

const json = { 'content-type': 'application/json' }

/** A line break would end the line of data. */
function eventOf(message: string): string {
  return `data: ${flat(message).trim()}\n\n`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const text of request.setEncoding('latin1')) body += text
  return body
}

function stop(server: Server): void {
  server.closeAllConnections()
  server.close()
}
