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

interface Common {
  readonly opening: Promise<LegacyCopy>
  users: number
}

/**
 * The copies of one legacy server for modern clients. A client that can be asked something has a copy to itself during each of
 * its requests, or nobody could tell which request the server asks for; the others share one for each scope.
 */
export class Copies {
  private readonly server: UpstreamServer
  private readonly publish: (scope: Scope, notification: Message) => void
  private readonly free = new Map<string, LegacyCopy[]>()
  private readonly common = new Map<string, Common>()

  constructor(server: UpstreamServer, publish: (scope: Scope, notification: Message) => void) {
    this.server = server
    this.publish = publish
  }

  /** Rejects with TOO_MANY when no copy is free and no more may be started. */
  acquire(scope: Scope, client: LegacyClient): Promise<Lease> {
    const key = JSON.stringify([scope, client.capabilities])
    return client.isAskable ? this.alone(key, scope, client) : this.together(key, scope, client)
  }

  private async alone(key: string, scope: Scope, client: LegacyClient): Promise<Lease> {
    const free = this.free.get(key)?.pop()
    if (free !== undefined) this.server.pool.idle.take(free.instance)
    const copy = free?.instance.alive === true ? free : await this.open(scope, client)
    return { copy, release: (isClean) => this.putBack(key, copy, isClean) }
  }

  private putBack(key: string, copy: LegacyCopy, isClean: boolean): void {
    if (!copy.instance.alive) return
    if (!isClean) return void copy.instance.stop('was busy with a call that nobody waits for')
    const free = this.free.get(key) ?? []
    this.free.set(key, free)
    free.push(copy)
    this.server.pool.idle.add(copy.instance)
    void copy.instance.closed.then(() => this.drop(key, copy))
  }

  private drop(key: string, copy: LegacyCopy): void {
    const rest = (this.free.get(key) ?? []).filter((other) => other !== copy)
    if (rest.length > 0) this.free.set(key, rest)
    else this.free.delete(key)
  }

  private async together(key: string, scope: Scope, client: LegacyClient): Promise<Lease> {
    const common = this.common.get(key) ?? this.begin(key, scope, client)
    common.users += 1
    const release = () => {
      common.users -= 1
      if (common.users === 0) void common.opening.then(({ instance }) => this.rest(common, instance), ignore)
    }
    try {
      const copy = await common.opening
      this.server.pool.idle.take(copy.instance)
      if (copy.instance.alive) return { copy, release }
    } catch (thrown) {
      release()
      throw thrown
    }
    release()
    if (this.common.get(key) === common) this.common.delete(key)
    return this.together(key, scope, client)
  }

  private rest(common: Common, instance: LegacyCopy['instance']): void {
    if (common.users === 0) this.server.pool.idle.add(instance)
  }

  private begin(key: string, scope: Scope, client: LegacyClient): Common {
    const common: Common = { opening: this.open(scope, client), users: 0 }
    const forget = () => {
      if (this.common.get(key) === common) this.common.delete(key)
    }
    common.opening.then(({ instance }) => void instance.closed.then(forget), forget)
    this.common.set(key, common)
    return common
  }

  private async open(scope: Scope, client: LegacyClient): Promise<LegacyCopy> {
    const instance = await this.server.pool.start()
    const copy = new LegacyCopy(instance, (notification) => this.publish(scope, notification))
    try {
      await copy.initialize(client)
      return copy
    } catch (thrown) {
      void instance.stop()
      throw thrown
    }
  }
}

function ignore(): void {}
