import type { IncomingMessage } from 'node:http'
import type { Gateway } from '../gateway/gateway.ts'
import type { Claims } from '../gateway/model.ts'
import { parseMessage } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import { headerOf } from './answers.ts'
import type { BodyReader } from './body.ts'
import { ResumableStream } from './event-stream.ts'
import { type Door, type Exchange, ensureAccepts, ensureJson } from './exchange.ts'
import type { KeepAlive } from './keep-alive.ts'
import { PostReply } from './post-reply.ts'

export interface TransportOptions {
  readonly gateway: Gateway
  readonly door: Door
  readonly bodies: BodyReader
  readonly keepAlives: KeepAlive
  readonly scan: ScanChunk
}

/** Streamable HTTP: POST, GET and DELETE of the MCP paths. Every refusal is a JSON-RPC error with an HTTP status. */
export class Streamable {
  private readonly options: TransportOptions

  constructor(options: TransportOptions) {
    this.options = options
  }

  async post(exchange: Exchange): Promise<void> {
    const { request, response, endpoint } = exchange
    const { gateway, door, bodies, keepAlives, scan } = this.options
    let message: Message | null = null
    try {
      const principal = door.admit(exchange)
      ensureJson(request)
      ensureAccepts(request, ['application/json', 'text/event-stream'])
      message = parseMessage(await bodies.read(request), scan)
      const reply = new PostReply(response, keepAlives)
      await gateway.post({ endpoint, principal, claims: claimsOf(request), message, reply })
    } catch (thrown) {
      door.fail(exchange, thrown, message?.kind === 'request' ? message.raw('id') : null)
    }
  }

  get(exchange: Exchange): void {
    const { gateway, door, keepAlives } = this.options
    try {
      const principal = door.admit(exchange)
      ensureAccepts(exchange.request, ['text/event-stream'])
      const claims = claimsOf(exchange.request)
      gateway.listen({ endpoint: exchange.endpoint, principal, claims }, () => {
        const stream = new ResumableStream(exchange.response, keepAlives)
        stream.begin()
        return stream
      })
    } catch (thrown) {
      door.fail(exchange, thrown, null)
    }
  }

  async delete(exchange: Exchange): Promise<void> {
    const { gateway, door } = this.options
    try {
      const principal = door.admit(exchange)
      await gateway.close({ endpoint: exchange.endpoint, principal, claims: claimsOf(exchange.request) })
      exchange.response.writeHead(200, { 'content-length': 0 }).end()
    } catch (thrown) {
      door.fail(exchange, thrown, null)
    }
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
