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
  const router = findMyWay({ ignoreTrailingSlash: true, maxParamLength: 64, defaultRoute: unserved })
  const route = (path: string, handlers: Record<string, Serve>) => {
    const methods = Object.keys(handlers)
    const preflight: Serve = (exchange) => door.preflight(exchange, methods)
    for (const [method, serve] of Object.entries({ ...handlers, OPTIONS: preflight })) {
      const handler: findMyWay.Handler<findMyWay.HTTPVersion.V1> = (request, response, params, _, query) => {
        const endpoint = params['server'] ?? null
        const exchange = { endpoint, request: request as IncomingMessage, response: response as ServerResponse }
        void serve(exchange, query as Record<string, string>)
      }
      router.on(method as findMyWay.HTTPMethod, path, handler, { methods })
    }
  }
  function unserved(request: unknown, response: unknown): void {
    const { method, url: path = '' } = request as IncomingMessage
    if (method === 'OPTIONS' && path === '*') return void (response as ServerResponse).writeHead(204).end()
    const known = router.find('OPTIONS', path)?.store as { methods: readonly string[] } | undefined
    answerError(response as ServerResponse, known === undefined ? notFound() : notAllowed(known.methods))
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

function notFound(): McpoError {
  return new McpoError('NOT_FOUND', 'There is nothing here', {
    hint: 'The paths are /mcp, /mcp/<server>, /sse, /sse/<server> and /health.',
  })
}

function notAllowed(methods: readonly string[]): McpoError {
  return new McpoError('METHOD_NOT_ALLOWED', `This path has ${methods.join(', ')} only`, { data: { allow: methods } })
}
