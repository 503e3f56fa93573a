import { randomBytes } from 'node:crypto'
import type { Principal } from '../auth/model.ts'
import { McpoError } from '../errors.ts'
import { Channel } from '../gateway/channel.ts'
import { parseMessage } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { Log } from '../upstream/model.ts'
import { EventStream } from './event-stream.ts'
import { type Exchange, ensureAccepts, ensureJson } from './exchange.ts'
import type { TransportOptions } from './streamable.ts'

export interface SseOptions extends TransportOptions {
  readonly log: Log
  readonly maxClients: number
  /** How long a client may listen without asking for anything. */
  readonly idleMs: number
  /** What stands before the paths where the gateway is reached from outside, such as `/gateway`. */
  readonly pathPrefix: string
}

interface Client {
  readonly principal: Principal
  readonly channel: Channel
}

/**
 * HTTP+SSE of 2024-11-05: GET /sse opens a stream that says where to POST, and every answer comes over it. The session ends with
 * the stream; nothing of it can be resumed.
 */
export class SseTransport {
  private readonly options: SseOptions
  private readonly clients = new Map<string, Client>()

  constructor(options: SseOptions) {
    this.options = options
  }

  get(exchange: Exchange): void {
    const { door, maxClients } = this.options
    try {
      const principal = door.admit(exchange)
      ensureAccepts(exchange.request, ['text/event-stream'])
      if (this.clients.size >= maxClients) throw tooMany(maxClients)
      this.open(exchange, principal)
    } catch (thrown) {
      door.fail(exchange, thrown, null)
    }
  }

  /** `sessionId` is the query's. The answer to this request says only that the message was read. */
  async post(exchange: Exchange, sessionId: string): Promise<void> {
    const { door, bodies, scan } = this.options
    const { request, response } = exchange
    let message: Message | null = null
    try {
      const { channel } = this.clientOf(sessionId, door.admit(exchange))
      ensureJson(request)
      message = parseMessage(await bodies.read(request), scan)
      channel.receive(message)
      response.writeHead(202, { 'content-length': 0 }).end()
    } catch (thrown) {
      door.fail(exchange, thrown, message?.kind === 'request' ? message.raw('id') : null)
    }
  }

  private open({ endpoint, response }: Exchange, principal: Principal): void {
    const { gateway, keepAlives, log, idleMs, pathPrefix } = this.options
    const id = randomBytes(24).toString('base64url')
    const stream = new EndpointStream(response, keepAlives)
    const channel = new Channel({ gateway, endpoint, principal, way: stream, isDual: false, log })
    this.clients.set(id, { principal, channel })
    const timer = setTimeout(() => channel.isUsed || stream.end(), idleMs).unref()
    stream.onClose(() => {
      clearTimeout(timer)
      this.clients.delete(id)
      void channel.close()
    })
    stream.announce(`${pathPrefix}/messages?sessionId=${id}`)
  }

  /** Throws NOT_FOUND, in the same words whether the session is unknown or another's. */
  private clientOf(id: string, principal: Principal): Client {
    const client = this.clients.get(id)
    if (client !== undefined && client.principal.id === principal.id) return client
    throw new McpoError('NOT_FOUND', 'There is no such session', { hint: 'Open a new stream with GET /sse.' })
  }
}

class EndpointStream extends EventStream {
  announce(path: string): void {
    this.begin()
    this.write([Buffer.from(`event: endpoint\ndata: ${path}\n\n`)])
  }
}

function tooMany(count: number): McpoError {
  return new McpoError('TOO_MANY', `${count} clients listen over HTTP+SSE, which is the most there may be`, {
    hint: 'Close streams that are no longer used, or raise max_sessions of [server].',
  })
}
