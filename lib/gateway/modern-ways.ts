import type { Principal } from '../auth/model.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { BridgedCall } from './bridge/modern-to-legacy/bridged-call.ts'
import { LegacyHub } from './bridge/modern-to-legacy/legacy-hub.ts'
import { Parking } from './bridge/modern-to-legacy/parking.ts'
import { RequestStates } from './bridge/modern-to-legacy/request-state.ts'
import { HubWay } from './hub-way.ts'
import type { ModernWay } from './modern-way.ts'

/** The ways of modern clients to the servers, by the era that each server speaks. */
export class ModernWays {
  private readonly hubs = new Map<UpstreamServer, LegacyHub>()
  private readonly states = new RequestStates()
  private readonly parking = new Parking<BridgedCall>()

  /** Rejects with a McpoError when the server cannot be asked which era it is of. */
  async to(server: UpstreamServer, principal: Principal): Promise<ModernWay> {
    const facts = await server.facts()
    if (facts.era === 'modern') return new HubWay(await server.pool.shared(principal.id))
    return this.hubOf(server).wayOf(principal.id)
  }

  /** Ends the calls that wait for their clients, who could come back to none of them. */
  close(): void {
    this.parking.close()
  }

  private hubOf(server: UpstreamServer): LegacyHub {
    const known = this.hubs.get(server)
    if (known !== undefined) return known
    const hub = new LegacyHub(server, this.states, this.parking)
    this.hubs.set(server, hub)
    return hub
  }
}
