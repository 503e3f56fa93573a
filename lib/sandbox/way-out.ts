/** From listeners in a server's network namespace to its way to the world. */
import type { Resolve } from '../egress/address-guard.ts'
import type { Allowances } from '../egress/allowance.ts'
import type { DialRules } from '../egress/dial.ts'
import { Egress } from '../egress/egress.ts'
import type { TellEgress } from '../egress/telling.ts'
import type { Policy } from '../policy/model.ts'
import { egressOf } from '../policy/network/compile.ts'

/** What all servers of a gateway share. */
interface World {
  readonly gatewayPorts: ReadonlySet<number>
  readonly resolve: Resolve | undefined
  readonly allowances: Allowances
}

/** `null`: there is no way out, or the host's whole network. */
export function dialRulesFor({ name, network, traffic }: Policy, world: World): DialRules | null {
  const policy = egressOf(network)
  if (policy === null) return null
  const { gatewayPorts, resolve, allowances } = world
  const most = { uploadMb: traffic.uploadMb.value, downloadMb: traffic.downloadMb.value }
  return { policy, gatewayPorts: () => [...gatewayPorts], resolve, allowance: allowances.of(name, most) }
}

/** Takes the listeners over, which are in the order of `native/linux/launch/egress.h`. */
export function serveListeners(listeners: readonly number[], rules: DialRules, tell: TellEgress): Egress {
  const [names = -1, http = -1, socks = -1, ...ports] = listeners
  return new Egress({ names, http, socks, ports }, rules, tell)
}
