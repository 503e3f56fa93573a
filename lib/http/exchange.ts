import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Authenticator, Principal } from '../auth/model.ts'
import { McpoError, toMcpoError } from '../errors.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Log } from '../upstream/model.ts'
import { answerRpcError } from './answers.ts'
import type { Cors } from './cors.ts'
import type { Guard } from './guard.ts'

/** One exchange on an MCP path; `endpoint` is the server's name, or null for all of them. */
export interface Exchange {
  readonly endpoint: string | null
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export interface DoorOptions {
  readonly gateway: Gateway
  readonly guard: Guard
  readonly cors: Cors
  readonly authenticator: Authenticator
  readonly log: Log
}

/** What every request to an MCP path passes, whatever its transport, and how one that fails is answered. */
export class Door {
  private readonly options: DoorOptions

  constructor(options: DoorOptions) {
    this.options = options
  }

  /** Who asks, once it is clear that they may. What exists is only told to those. */
  admit({ request, response, endpoint }: Exchange): Principal {
    this.options.guard(request)
    this.options.cors.allow(request, response)
    const principal = this.options.authenticator.authenticate(request.headers.authorization)
    this.options.gateway.ensureEndpoint(endpoint)
    return principal
  }

  /** A browser asks whether a page may send what it wants to send (a preflight): before it proves who it is. */
  preflight(exchange: Exchange, methods: readonly string[]): void {
    try {
      this.options.guard(exchange.request)
      this.options.cors.answer(exchange.request, exchange.response, methods)
    } catch (thrown) {
      this.fail(exchange, thrown, null)
    }
  }

  /** A JSON-RPC error with an HTTP status, for the request with this id (JSON text), or for none. */
  fail({ response }: Exchange, thrown: unknown, id: string | null): void {
    const error = toMcpoError(thrown)
    const { authenticator, log } = this.options
    if (error.code === 'INTERNAL_ERROR') log.error({ err: error.cause ?? error }, error.message)
    if (error.code === 'AUTHENTICATION_ERROR' && authenticator.challenge !== null && !response.headersSent) {
      response.setHeader('www-authenticate', authenticator.challenge)
    }
    answerRpcError(response, error, id)
  }
}

/** JSON, which is UTF-8 (RFC 8259, 8.1), as it is. Throws UNSUPPORTED_MEDIA_TYPE. */
export function ensureJson({ headers }: IncomingMessage): void {
  const [type, ...parameters] = (headers['content-type'] ?? 'absent').split(';').map(tidy)
  if (type !== 'application/json') throw unsupported('Content-Type must be application/json', type)
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.replaceAll('"', '')
  if (charset !== undefined && charset !== 'charset=utf-8') throw unsupported('charset must be UTF-8', charset)
  const coding = tidy(headers['content-encoding'] ?? 'identity')
  if (coding !== 'identity') throw unsupported('Content-Encoding must be identity', coding)
}

/** The client has to name each type (or a wildcard for it). Throws NOT_ACCEPTABLE. */
export function ensureAccepts({ headers }: IncomingMessage, types: readonly string[]): void {
  const ranges = (headers.accept ?? '').split(',').map((range) => range.split(';').map(tidy))
  const accepts = (type: string): boolean =>
    [type, `${type.split('/')[0]}/*`, '*/*'].some((name) =>
      ranges.some((range) => range[0] === name && isWanted(range)),
    )
  if (types.every(accepts)) return
  throw new McpoError('NOT_ACCEPTABLE', `The Accept header must name ${types.join(' and ')}`)
}

/** A quality of nought takes a type back (RFC 9110, 12.4.2). */
function isWanted(range: readonly string[]): boolean {
  return !range.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
}

function unsupported(expected: string, came = ''): McpoError {
  return new McpoError('UNSUPPORTED_MEDIA_TYPE', `The ${expected}, not ${came.slice(0, 100)}`)
}

function tidy(text: string): string {
  return text.trim().toLowerCase()
}
