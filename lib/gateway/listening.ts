import type { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import type { Outgoing } from '../upstream/model.ts'
import { ofBytes } from '../upstream/outgoing.ts'
import { errorFor, idOf, resultFor } from './answers.ts'
import type { Inbound } from './model.ts'
import type { ModernWay } from './modern-way.ts'

const subscriptionKey = 'io.modelcontextprotocol/subscriptionId'
const maxHeld = 256
const maxFilterBytes = 64 * 1024

/**
 * One client's `subscriptions/listen` to all servers: asked of each of them, acknowledged once with what they grant together,
 * then every server's changes on one stream. When one of them ends, all of it ends, and the client can listen anew.
 */
export class Listening {
  private readonly inbound: Inbound
  private readonly granted: Record<string, unknown> = {}
  private held: Outgoing[] = []
  private unheard: number
  private isAcknowledged = false
  private lastError: McpoError | null = null

  constructor(inbound: Inbound, servers: number) {
    this.inbound = inbound
    this.unheard = servers
  }

  listen(way: ModernWay): void {
    const { message, reply } = this.inbound
    let heard = false
    const hear = (filter: object) => {
      if (!heard) this.hear(filter)
      heard = true
    }
    const ended = (error: McpoError | null) => {
      this.lastError = error
      if (this.isAcknowledged) this.end()
      else hear({})
    }
    way.call({
      request: message,
      reply,
      edits: [],
      onEvent: (event, mapped) => (isAcknowledgement(event) ? hear(filterOf(event)) : this.pass(mapped)),
      onAnswer: () => ended(null),
      onFailure: ended,
    })
  }

  /** A server that cannot be asked grants nothing. */
  failed(error: McpoError): void {
    this.lastError = error
    this.hear({})
  }

  private hear(filter: object): void {
    for (const [key, value] of Object.entries(filter)) this.granted[key] = joined(this.granted[key], value)
    this.unheard -= 1
    if (this.unheard > 0) return
    this.isAcknowledged = true
    if (Object.keys(this.granted).length === 0 && this.lastError !== null) this.fail(this.lastError)
    else this.acknowledge()
  }

  private acknowledge(): void {
    const { message, reply } = this.inbound
    const meta = `{"${subscriptionKey}":${idOf(message)}}`
    const params = `{"notifications":${JSON.stringify(this.granted)},"_meta":${meta}}`
    const method = 'notifications/subscriptions/acknowledged'
    reply.send(ofBytes(Buffer.from(`{"jsonrpc":"2.0","method":"${method}","params":${params}}`)))
    for (const event of this.held.splice(0)) reply.send(event)
  }

  /** Nothing comes before the acknowledgement. */
  private pass(event: Outgoing): void {
    if (this.isAcknowledged) this.inbound.reply.send(event)
    else if (this.held.length < maxHeld) this.held.push(event)
  }

  private end(): void {
    const { message, reply } = this.inbound
    const id: unknown = JSON.parse(idOf(message))
    reply.answer(resultFor(message, { resultType: 'complete', _meta: { [subscriptionKey]: id } }))
  }

  private fail(error: McpoError): void {
    this.inbound.reply.answer(errorFor(this.inbound.message, error))
  }
}

/** Several servers may grant a part of one list each. */
function joined(known: unknown, more: unknown): unknown {
  return Array.isArray(known) && Array.isArray(more) ? [...new Set([...known, ...more])] : more
}

function isAcknowledgement(event: Message): boolean {
  return event.text('method') === 'notifications/subscriptions/acknowledged'
}

function filterOf(acknowledgement: Message): object {
  if (acknowledgement.byteLength > maxFilterBytes) return {}
  const { notifications } = JSON.parse(acknowledgement.raw('params') ?? '{}') as { notifications?: unknown }
  return typeof notifications === 'object' && notifications !== null ? notifications : {}
}
