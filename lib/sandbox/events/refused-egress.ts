import type { RefusedDestination } from '../../egress/refusals.ts'
import type { EgressRefused } from './model.ts'

/** All that it holds of the server's own words is a name or an address in one strict spelling. */
export function refusedEgress(server: string, refused: RefusedDestination, count: number): EgressRefused {
  const { where, way, why, line } = refused
  const allow = line === null ? null : `add "${line}" to servers.${server}.sandbox.network`
  return { type: 'sandbox.egress-refused', server, what: where, why, allow, count, destination: where, way }
}
