import type { LegacyClient } from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import type { Message } from '../../../protocol/model.ts'
import type { UpstreamServer } from '../../../upstream/server.ts'
import { LegacyCopy } from './legacy-copy.ts'

/** Whose copies they are: a principal's id, or null for everybody's. */
export type Scope = string | null

/** The use of a copy, until it is released. */
export interface Lease {
  readonly copy: LegacyCopy
  /** `isClean`: the server owes nothing from this use. A copy that was used alone and is not clean is ended. */
  release(isClean: boolean): void
}

/** Requests that use one copy at the same time. */
interface Group {
  readonly lease: Promise<Lease>
  users: number
}

/**
 * The copies of one legacy server for modern clients. A request during which its client may be asked something has a copy
 * to itself, or nobody could tell which request the server asks for; the others share one, for each scope and kind of client.
 */
export class Copies {
  private readonly server: UpstreamServer
  private readonly publish: (scope: Scope, notification: Message) => void
  private readonly free = new Map<string, LegacyCopy[]>()
  private readonly groups = new Map<string, Group>()

  constructor(server: UpstreamServer, publish: (scope: Scope, notification: Message) => void) {
    this.server = server
    this.publish = publish
  }

  /** Rejects with TOO_MANY when no copy is free and no more may be started. `mayAsk`: the client may be asked meanwhile. */
  acquire(scope: Scope, client: LegacyClient, mayAsk: boolean): Promise<Lease> {
    const key = JSON.stringify([scope, client.capabilities])
    return mayAsk && client.isAskable ? this.alone(key, scope, client) : this.together(key, scope, client)
  }

  private async alone(key: string, scope: Scope, client: LegacyClient): Promise<Lease> {
    const free = this.free.get(key)?.pop()
    if (free !== undefined) this.server.pool.idle.take(free.instance)
    const copy = free?.instance.alive === true ? free : await this.open(key, scope, client)
    return { copy, release: (isClean) => this.putBack(key, copy, isClean) }
  }

  private putBack(key: string, copy: LegacyCopy, isClean: boolean): void {
    if (!copy.instance.alive) return
    if (!isClean) return void copy.instance.stop('was busy with a call that nobody waits for')
    const free = this.free.get(key) ?? []
    this.free.set(key, free)
    free.push(copy)
    this.server.pool.idle.add(copy.instance)
  }

  private async together(key: string, scope: Scope, client: LegacyClient): Promise<Lease> {
    const group = this.groups.get(key) ?? this.begin(key, scope, client)
    group.users += 1
    const lease = await group.lease
    if (lease.copy.instance.alive) return { copy: lease.copy, release: () => this.leave(key, group, lease) }
    this.disband(key, group)
    return this.together(key, scope, client)
  }

  private begin(key: string, scope: Scope, client: LegacyClient): Group {
    const group: Group = { lease: this.alone(key, scope, client), users: 0 }
    group.lease.catch(() => this.disband(key, group))
    this.groups.set(key, group)
    return group
  }

  private leave(key: string, group: Group, lease: Lease): void {
    group.users -= 1
    if (group.users > 0) return
    this.disband(key, group)
    lease.release(true)
  }

  private disband(key: string, group: Group): void {
    if (this.groups.get(key) === group) this.groups.delete(key)
  }

  private async open(key: string, scope: Scope, client: LegacyClient): Promise<LegacyCopy> {
    const instance = await this.server.pool.start()
    const copy = new LegacyCopy(instance, (notification) => this.publish(scope, notification))
    copy.onGone.add(() => this.drop(key, copy))
    try {
      await copy.initialize(client)
      return copy
    } catch (thrown) {
      void instance.stop()
      throw thrown
    }
  }

  private drop(key: string, copy: LegacyCopy): void {
    const rest = (this.free.get(key) ?? []).filter((other) => other !== copy)
    if (rest.length > 0) this.free.set(key, rest)
    else this.free.delete(key)
  }
}
