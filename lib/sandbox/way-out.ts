/** From listeners in a server's network namespace to its way to the world. */
import type { Resolve } from '../egress/address-guard.ts'
import type { DialRules } from '../egress/dial.ts'
import { Egress } from '../egress/egress.ts'
import type { TellRefused } from '../egress/refusals.ts'
import type { Policy } from '../policy/model.ts'
import { egressOf } from '../policy/network/compile.ts'

/** `null`: there is no way out, or the host's whole network. */
export function dialRulesFor(
  { network }: Policy,
  { gatewayPorts, resolve }: { readonly gatewayPorts: ReadonlySet<number>; readonly resolve: Resolve | undefined },
): DialRules | null {
  const policy = egressOf(network)
  return policy === null ? null : { policy, gatewayPorts: () => [...gatewayPorts], resolve }
}

/** Takes the listeners over, which are in the order of `native/linux/launch/egress.h`. */
export function serveListeners(
  listeners: readonly number[],
  rules: DialRules,
  tell: TellRefused,
  onConnected?: (destination: string) => void,
): Egress {
  const [names = -1, http = -1, socks = -1, ...ports] = listeners
  return new Egress({ names, http, socks, ports }, rules, tell, onConnected)
}
