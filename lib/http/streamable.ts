import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Authenticator, Principal } from '../auth/model.ts'
import { McpoError, toMcpoError } from '../errors.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Claims } from '../gateway/model.ts'
import { parseMessage } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { Log } from '../upstream/model.ts'
import { answerRpcError, headerOf } from './answers.ts'
import type { BodyReader } from './body.ts'
import { EventStream } from './event-stream.ts'
import type { Guard } from './guard.ts'
import type { KeepAlive } from './keep-alive.ts'
import { PostReply } from './post-reply.ts'

export interface StreamableOptions {
  readonly gateway: Gateway
  readonly guard: Guard
  readonly authenticator: Authenticator
  readonly bodies: BodyReader
  readonly keepAlives: KeepAlive
  readonly scan: ScanChunk
  readonly log: Log
}

/** One exchange on an MCP path; `endpoint` is the server's name, or null for all of them. */
export interface Exchange {
  readonly endpoint: string | null
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Streamable HTTP: POST, GET and DELETE of the MCP paths. Every refusal is a JSON-RPC error with an HTTP status. */
export class Streamable {
  private readonly options: StreamableOptions

  constructor(options: StreamableOptions) {
    this.options = options
  }

  async post(exchange: Exchange): Promise<void> {
    const { request, response, endpoint } = exchange
    let message: Message | null = null
    try {
      const principal = this.admit(exchange)
      ensureJson(request)
      ensureAccepts(request, ['application/json', 'text/event-stream'])
      message = parseMessage(await this.options.bodies.read(request), this.options.scan)
      const reply = new PostReply(response, this.options.keepAlives)
      await this.options.gateway.post({ endpoint, principal, claims: claimsOf(request), message, reply })
    } catch (thrown) {
      this.fail(exchange, thrown, message?.kind === 'request' ? message.raw('id') : null)
    }
  }

  get(exchange: Exchange): void {
    try {
      const principal = this.admit(exchange)
      ensureAccepts(exchange.request, ['text/event-stream'])
      const claims = claimsOf(exchange.request)
      this.options.gateway.listen({ endpoint: exchange.endpoint, principal, claims }, () => {
        const stream = new EventStream(exchange.response, this.options.keepAlives)
        stream.begin()
        return stream
      })
    } catch (thrown) {
      this.fail(exchange, thrown, null)
    }
  }

  async delete(exchange: Exchange): Promise<void> {
    try {
      const principal = this.admit(exchange)
      await this.options.gateway.close({ endpoint: exchange.endpoint, principal, claims: claimsOf(exchange.request) })
      exchange.response.writeHead(200, { 'content-length': 0 }).end()
    } catch (thrown) {
      this.fail(exchange, thrown, null)
    }
  }

  /** Who asks, once it is clear that they may. What exists is only told to those. */
  private admit({ request, endpoint }: Exchange): Principal {
    this.options.guard(request)
    const principal = this.options.authenticator.authenticate(request.headers.authorization)
    this.options.gateway.ensureEndpoint(endpoint)
    return principal
  }

  private fail({ response }: Exchange, thrown: unknown, id: string | null): void {
    const error = toMcpoError(thrown)
    const { authenticator, log } = this.options
    if (error.code === 'INTERNAL_ERROR') log.error({ err: error.cause ?? error }, error.message)
    if (error.code === 'AUTHENTICATION_ERROR' && authenticator.challenge !== null && !response.headersSent) {
      response.setHeader('www-authenticate', authenticator.challenge)
    }
    answerRpcError(response, error, id)
  }
}

function claimsOf(request: IncomingMessage): Claims {
  return {
    sessionId: headerOf(request, 'mcp-session-id'),
    lastEventId: headerOf(request, 'last-event-id'),
    protocolVersion: headerOf(request, 'mcp-protocol-version'),
    method: headerOf(request, 'mcp-method'),
    name: headerOf(request, 'mcp-name'),
    // Singular by the guard, and looked up under names that begin with mcp-param- only.
    paramHeaders: request.headers as NodeJS.Dict<string>,
  }
}

function ensureJson(request: IncomingMessage): void {
  const type = request.headers['content-type']
  if (type?.split(';')[0]?.trim().toLowerCase() === 'application/json') return
  throw new McpoError(
    'UNSUPPORTED_MEDIA_TYPE',
    `The Content-Type must be application/json, not ${type?.slice(0, 100) ?? 'absent'}`,
  )
}

/** The client has to name each type (or a wildcard for it): the specification wants both of a POST. */
function ensureAccepts(request: IncomingMessage, types: readonly string[]): void {
  const accepted = (request.headers.accept ?? '').split(',').map((part) => part.split(';')[0]?.trim().toLowerCase())
  const accepts = (type: string) => [type, `${type.split('/')[0]}/*`, '*/*'].some((range) => accepted.includes(range))
  if (types.every(accepts)) return
  throw new McpoError('NOT_ACCEPTABLE', `The Accept header must name ${types.join(' and ')}`)
}
