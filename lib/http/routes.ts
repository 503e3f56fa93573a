import type { IncomingMessage, ServerResponse } from 'node:http'
import findMyWay from 'find-my-way'
import { McpoError } from '../errors.ts'
import { version } from '../upstream/identity.ts'
import { answerError } from './answers.ts'
import type { Door, Exchange } from './exchange.ts'
import type { SseTransport } from './sse.ts'
import type { Streamable } from './streamable.ts'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface Transports {
  readonly door: Door
  readonly streamable: Streamable
  readonly sse: SseTransport
}

/** What stands for an exchange in find-my-way, which types requests of HTTP/1 and HTTP/2 alike. */
type Serve = (exchange: Exchange, query: Record<string, string>) => unknown

/** Which path is served by what. */
export function routesOf({ door, streamable, sse }: Transports): Handler {
  const router = findMyWay({ ignoreTrailingSlash: true, maxParamLength: 64, defaultRoute: notFound })
  const route = (path: string, handlers: Record<string, Serve>) => {
    const methods = Object.keys(handlers)
    const preflight: Serve = (exchange) => door.preflight(exchange, methods)
    for (const [method, serve] of Object.entries({ ...handlers, OPTIONS: preflight })) {
      router.on(method as findMyWay.HTTPMethod, path, (request, response, params, _, query) => {
        const endpoint = params['server'] ?? null
        void serve(
          { endpoint, request: request as IncomingMessage, response: response as ServerResponse },
          query as Record<string, string>,
        )
      })
    }
  }
  // Some clients, such as the inspector's command line, take an address for theirs only if it ends in /mcp.
  for (const path of ['/mcp', '/mcp/:server', '/mcp/:server/mcp']) {
    route(path, {
      POST: (exchange) => streamable.post(exchange),
      GET: (exchange) => streamable.get(exchange),
      DELETE: (exchange) => streamable.delete(exchange),
    })
  }
  for (const path of ['/sse', '/sse/:server']) route(path, { GET: (exchange) => sse.get(exchange) })
  route('/messages', { POST: (exchange, query) => sse.post(exchange, query['sessionId'] ?? '') })
  for (const method of ['GET', 'HEAD'] as const) {
    router.on(method, '/health', (_, response) => health(response as ServerResponse))
  }
  return (request, response) => void router.lookup(request, response)
}

/** Who runs what is not for everyone: status and version only. */
function health(response: ServerResponse): void {
  const body = JSON.stringify({ status: 'ok', version })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
}

function notFound(_: unknown, response: unknown): void {
  const error = new McpoError('NOT_FOUND', 'There is nothing here', {
    hint: 'The paths are /mcp, /mcp/<server>, /sse, /sse/<server> and /health.',
  })
  answerError(response as ServerResponse, error)
}
