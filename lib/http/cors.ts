import type { IncomingMessage, ServerResponse } from 'node:http'

/** Request headers that pages may send. `Mcp-Param-*` are allowed by their prefix. */
const requestHeaders = new Set([
  'accept',
  'authorization',
  'content-type',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
])
const paramHeader = /^mcp-param-[!#$%&'*+\-.^_`|~0-9a-z]+$/
const exposedHeaders = 'Mcp-Session-Id, WWW-Authenticate'
const maxAgeSeconds = 600

/** Lets web pages of the origins in `allowed_origins` read the gateway's answers. The guard decides who gets in at all. */
export class Cors {
  private readonly origins: ReadonlySet<string>

  constructor(allowedOrigins: readonly string[]) {
    this.origins = new Set(allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')))
  }

  /** Adds to the answer what makes it readable for the page that asked, if its origin is listed. */
  allow({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
    if (this.origins.size > 0) response.setHeader('vary', 'Origin')
    if (origin === undefined || !this.origins.has(origin.toLowerCase())) return
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', exposedHeaders)
  }

  /** Answers an OPTIONS request. A page of an origin that is not listed learns nothing that would let it go on. */
  answer(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): void {
    this.allow(request, response)
    response.setHeader('allow', [...methods, 'OPTIONS'].join(', '))
    if (response.hasHeader('access-control-allow-origin')) {
      response.setHeader('access-control-allow-methods', methods.join(', '))
      response.setHeader('access-control-allow-headers', allowedHeaders(request).join(', '))
      response.setHeader('access-control-max-age', maxAgeSeconds)
    }
    response.writeHead(204).end()
  }
}

function allowedHeaders(request: IncomingMessage): string[] {
  const asked = request.headers['access-control-request-headers'] ?? ''
  const params = asked.split(',').map((name) => name.trim().toLowerCase())
  return [...requestHeaders, ...params.filter((name) => paramHeader.test(name))]
}
