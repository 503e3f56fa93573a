import { McpoError } from '../../errors.ts'
import type { Message } from '../../protocol/model.ts'

/** Sends the request to the server, and resolves with its answer. */
type Send = () => Promise<Message>

interface Subscription<Who> {
  readonly subscribers: Set<Who>
  readonly answer: Promise<Message>
}

const maxPerSubscriber = 1024
const maxUriLength = 16 * 1024

/** Subscriptions of several sessions at one copy of a server, which is told of each resource once. */
export class Subscriptions<Who> {
  private readonly byUri = new Map<string, Subscription<Who>>()
  private readonly counts = new Map<Who, number>()

  /** The server's answer, which may be one that another subscriber got. Throws INVALID_PARAMS or TOO_MANY. */
  async subscribe(uri: string, who: Who, send: Send): Promise<Message> {
    if (uri.length > maxUriLength) throw new McpoError('INVALID_PARAMS', `A URI may have ${maxUriLength} characters`)
    const known = this.byUri.get(uri)
    if (known?.subscribers.has(who) !== true) this.ensureRoom(who)
    const subscription = known ?? { subscribers: new Set<Who>(), answer: send() }
    this.byUri.set(uri, subscription)
    this.enter(subscription, who)
    try {
      const answer = await subscription.answer
      if (answer.isError) this.forget(uri, subscription)
      return answer
    } catch (thrown) {
      this.forget(uri, subscription)
      throw thrown
    }
  }

  /** Null: the server was not told, since there are other subscribers, or this is none. */
  unsubscribe(uri: string, who: Who, send: Send): Promise<Message> | null {
    const subscription = this.byUri.get(uri)
    if (subscription === undefined || !this.exit(subscription, who) || subscription.subscribers.size > 0) return null
    this.byUri.delete(uri)
    return send()
  }

  /** Who hears that a resource changed. A server may tell of a part of what was subscribed to. */
  of(uri: string): Set<Who> {
    const all = [...this.byUri].filter(([whole]) => isBelow(whole, uri))
    return new Set(all.flatMap(([, { subscribers }]) => [...subscribers]))
  }

  /** Takes back everything of somebody who is gone; `end` is called for what nobody else subscribed to. */
  leave(who: Who, end: (uri: string) => void): void {
    for (const [uri, subscription] of [...this.byUri]) {
      if (!this.exit(subscription, who) || subscription.subscribers.size > 0) continue
      this.byUri.delete(uri)
      end(uri)
    }
  }

  private ensureRoom(who: Who): void {
    if ((this.counts.get(who) ?? 0) < maxPerSubscriber) return
    throw new McpoError('TOO_MANY', `A session may subscribe to ${maxPerSubscriber} resources`)
  }

  private enter({ subscribers }: Subscription<Who>, who: Who): void {
    if (subscribers.has(who)) return
    subscribers.add(who)
    this.counts.set(who, (this.counts.get(who) ?? 0) + 1)
  }

  private exit({ subscribers }: Subscription<Who>, who: Who): boolean {
    if (!subscribers.delete(who)) return false
    const count = (this.counts.get(who) ?? 0) - 1
    if (count > 0) this.counts.set(who, count)
    else this.counts.delete(who)
    return true
  }

  private forget(uri: string, subscription: Subscription<Who>): void {
    for (const who of [...subscription.subscribers]) this.exit(subscription, who)
    if (this.byUri.get(uri) === subscription) this.byUri.delete(uri)
  }
}

function isBelow(whole: string, uri: string): boolean {
  return uri === whole || uri.startsWith(whole.endsWith('/') ? whole : `${whole}/`)
}
