import {
  acknowledged,
  type Filter,
  isGranted,
  subscriptionIdKey,
  taggedEdits,
} from '../../../protocol/bridge/modern-to-legacy/subscription.ts'
import { notificationMessage } from '../../../protocol/jsonrpc.ts'
import { parseMessage } from '../../../protocol/message.ts'
import type { Message } from '../../../protocol/model.ts'
import type { ScanChunk } from '../../../protocol/scan.ts'
import { edited, ofBytes } from '../../../upstream/outgoing.ts'
import { idOf, resultFor } from '../../answers.ts'
import type { ModernCall } from '../../modern-way.ts'
import type { Lease, Scope } from './copies.ts'

export interface LegacyListenOptions {
  readonly call: ModernCall
  readonly scope: Scope
  readonly lease: Lease
  /** What the client asked for, as far as the server can give it. */
  readonly wanted: Filter
  readonly scan: ScanChunk
  onEnd(): void
}

/** A modern client's `subscriptions/listen` at a legacy server: made of its notifications and of `resources/subscribe`. */
export class LegacyListen {
  readonly scope: Scope
  private readonly options: LegacyListenOptions
  private granted: Filter | null = null
  private isOver = false

  constructor(options: LegacyListenOptions) {
    this.options = options
    this.scope = options.scope
  }

  /** Subscribes, then acknowledges what is granted. */
  async begin(): Promise<void> {
    const { call, lease, wanted } = this.options
    const { resourceSubscriptions: uris = [], ...lists } = wanted
    const granted = await Promise.all(uris.map((uri) => lease.copy.subscribe(uri)))
    const subscribed = uris.filter((_, index) => granted[index])
    for (const uri of uris) if (!subscribed.includes(uri)) lease.copy.unsubscribe(uri)
    this.granted = { ...lists, ...(subscribed.length > 0 && { resourceSubscriptions: subscribed }) }
    lease.copy.onGone.add(this.lost)
    call.reply.onClose(() => this.end())
    if (this.isOver) return
    this.acknowledge(this.granted)
  }

  /** The resources whose changes the client is told. */
  get watched(): readonly string[] {
    return this.granted?.resourceSubscriptions ?? []
  }

  /** Something changed, as any copy of the scope tells. */
  receive(notification: Message): void {
    const { call } = this.options
    if (this.granted === null || this.isOver || !isGranted(this.granted, notification)) return
    call.onEvent(notification, edited(notification, taggedEdits(notification, idOf(call.request))))
  }

  private acknowledge(notifications: Filter): void {
    const { call, scan } = this.options
    const params = { notifications, _meta: { [subscriptionIdKey]: this.subscriptionId } }
    const bytes = notificationMessage(acknowledged, params)
    call.onEvent(parseMessage([bytes], scan), ofBytes(bytes))
  }

  /** The copy is gone: the client can listen anew. */
  private readonly lost = (): void => {
    if (this.isOver) return
    const { call } = this.options
    this.end()
    const result = { resultType: 'complete', _meta: { [subscriptionIdKey]: this.subscriptionId } }
    call.onAnswer(resultFor(call.request, result), 200, null)
  }

  private end(): void {
    if (this.isOver) return
    this.isOver = true
    const { lease, onEnd } = this.options
    for (const uri of this.watched) lease.copy.unsubscribe(uri)
    lease.copy.onGone.delete(this.lost)
    lease.release(true)
    onEnd()
  }

  private get subscriptionId(): unknown {
    return JSON.parse(idOf(this.options.call.request))
  }
}
