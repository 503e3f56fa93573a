import type { LegacyClient } from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import type { Message } from '../../../protocol/model.ts'
import type { UpstreamServer } from '../../../upstream/server.ts'
import { LegacyCopy } from './legacy-copy.ts'
import { SpareCopy } from './spare-copy.ts'

/** Whose copies they are: a principal's id, or null for everybody's. */
export type Scope = string | null

/** The use of a copy, until it is released. */
export interface Lease {
  readonly copy: LegacyCopy
  /** `isClean`: the server owes nothing from this use. A copy that was used alone and is not clean is ended. */
  release(isClean: boolean): void
}

/** For whom a copy is needed. */
export interface Owner {
  readonly principal: string
  readonly scope: Scope
}

/** Requests that use one copy at the same time. */
interface Group {
  readonly lease: Promise<Lease>
  users: number
}

/**
 * The copies of one legacy server for modern clients. A request during which its client may be asked something has a copy
 * to itself, or nobody could tell which request the server asks for; the others share one, for each scope and kind of client.
 * A copy that was used alone serves only the same principal and program again: what its server does late is seen by no one else.
 */
export class Copies {
  private readonly server: UpstreamServer
  private readonly publish: (scope: Scope, notification: Message) => void
  private readonly free = new Map<string, LegacyCopy[]>()
  private readonly groups = new Map<string, Group>()
  private readonly spare: SpareCopy

  constructor(server: UpstreamServer, publish: (scope: Scope, notification: Message) => void) {
    this.server = server
    this.publish = publish
    this.spare = new SpareCopy(server.pool)
  }

  /** Rejects with TOO_MANY when no copy is free and no more may be started. `mayAsk`: the client may be asked meanwhile. */
  acquire({ principal, scope }: Owner, client: LegacyClient, mayAsk: boolean): Promise<Lease> {
    const isAlone = mayAsk && client.isAskable
    const key = JSON.stringify([isAlone ? principal : scope, client.capabilities, nameOf(client)])
    return isAlone ? this.alone(key, scope, client) : this.together(key, scope, client)
  }

  /** Somebody is about to need one. */
  prepare(): void {
    this.spare.prepare()
  }

  private async alone(key: string, scope: Scope, client: LegacyClient): Promise<Lease> {
    const free = this.takeFree(key)
    if (free === null) return this.leaseOf(key, await this.open(key, scope, client))
    if (await free.isSettled()) return this.leaseOf(key, free)
    void free.instance.stop('had something to ask that belongs to no call')
    return this.alone(key, scope, client)
  }

  private takeFree(key: string): LegacyCopy | null {
    const copy = this.free.get(key)?.pop()
    if (copy === undefined) return null
    this.server.pool.idle.take(copy.instance)
    return copy.instance.alive ? copy : this.takeFree(key)
  }

  private leaseOf(key: string, copy: LegacyCopy): Lease {
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
    const group: Group = { lease: this.first(key, scope, client), users: 0 }
    group.lease.catch(() => this.disband(key, group))
    this.groups.set(key, group)
    return group
  }

  /** For requests that share it, and during which nobody is asked anything. */
  private async first(key: string, scope: Scope, client: LegacyClient): Promise<Lease> {
    return this.leaseOf(key, this.takeFree(key) ?? (await this.open(key, scope, client)))
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
    const instance = await this.spare.take()
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

/** The program that the client is; what else it says of itself makes no other kind of client. */
function nameOf({ clientInfo }: LegacyClient): string[] {
  const { name, version } = (clientInfo ?? {}) as { name?: string; version?: string }
  return [name ?? '', version ?? '']
}
