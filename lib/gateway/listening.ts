import type { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { isRecord } from '../protocol/records.ts'
import type { Renaming } from '../protocol/renaming.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { Outgoing } from '../upstream/model.ts'
import { ofBytes } from '../upstream/outgoing.ts'
import { errorFor, idOf, resultFor } from './answers.ts'
import { listNames, type Share } from './listen-share.ts'
import type { Inbound } from './model.ts'
import type { ModernWay } from './modern-way.ts'
import { renamed } from './renamed.ts'

const subscriptionKey = 'io.modelcontextprotocol/subscriptionId'
const maxHeld = 256
const maxFilterBytes = 64 * 1024

/**
 * One client's `subscriptions/listen` to all servers: asked of each of them, acknowledged once with what they grant together,
 * then every server's changes on one stream. When one of them ends, all of it ends, and the client can listen anew.
 */
export class Listening {
  private readonly inbound: Inbound
  private readonly scan: ScanChunk
  private readonly granted: Record<string, unknown> = {}
  private held: Outgoing[] = []
  private unheard: number
  private isAcknowledged = false
  private lastError: McpoError | null = null

  constructor(inbound: Inbound, scan: ScanChunk, servers: number) {
    this.inbound = inbound
    this.scan = scan
    this.unheard = servers
  }

  /** `renamings`: of what this server tells, into the client's words. */
  listen(way: ModernWay, share: Share, renamings: readonly Renaming[]): void {
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
      request: share.request,
      reply: this.inbound.reply,
      edits: [],
      renamings: [],
      onEvent: (event, mapped) => {
        if (isAcknowledgement(event)) hear(grantedOf(event, share))
        else this.pass(renamed(mapped, renamings, this.scan))
      },
      onAnswer: () => ended(null),
      onFailure: ended,
    })
  }

  /** Nothing of what the client listens to is this server's. */
  unconcerned(): void {
    this.hear({})
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

/** What a server grants, in the client's words. */
function grantedOf(acknowledgement: Message, share: Share): object {
  if (acknowledgement.byteLength > maxFilterBytes) return {}
  const { notifications } = JSON.parse(acknowledgement.raw('params') ?? '{}') as { notifications?: unknown }
  if (!isRecord(notifications)) return {}
  const granted = { ...notifications }
  for (const list of listNames) {
    const own = granted[list]
    if (Array.isArray(own)) granted[list] = own.flatMap((entry) => share.asked(list, entry) ?? [])
  }
  return granted
}
