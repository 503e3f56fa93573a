/** What a policy's network is in the server's own network namespace: listeners of the gateway's, and who tells programs of them. */
import { isLoopbackAddress } from '../addresses.ts'
import type { NetworkPolicy } from '../model.ts'
import type { EgressPlan } from '../plan.ts'
import type { EgressPolicy } from './entry.ts'

/** `native/linux/launch/egress.cc` has the same. */
const httpPort = 3128
const socksPort = 1080

/** Each takes a listener, and the port from the server itself: without a list, those of the most common protocols. */
const publicPorts = [22, 80, 443]

/**
 * Of the addresses that stand for names in the server's namespace. They look public, since many a program refuses a name at a loopback or
 * private address, for fear of being led astray; and nobody serves anything there (a range of the US Department of Defense), so
 * that none is missed.
 */
export const nameRange = { address: '22.64.0.0', bits: 18 } as const

/** Who connects to an address without a name, on one of the ports; everything else is unreachable as it was. */
const everywhere = ['0.0.0.0/0', '::/0']

/**
 * For programs that know of proxies; Node from 22.21 and 24 on. None for SOCKS: Python's http clients refuse to work at all where
 * ALL_PROXY names such a one and a module for it is not installed; and who knows of none needs none.
 */
export const proxyVariables: Readonly<Record<string, string>> = {
  ...inBothCases('HTTP_PROXY', `http://127.0.0.1:${httpPort}`),
  ...inBothCases('HTTPS_PROXY', `http://127.0.0.1:${httpPort}`),
  ...inBothCases('NO_PROXY', 'localhost,127.0.0.1,::1'),
  NODE_USE_ENV_PROXY: '1',
  npm_config_proxy: `http://127.0.0.1:${httpPort}`,
  npm_config_https_proxy: `http://127.0.0.1:${httpPort}`,
  npm_config_noproxy: 'localhost,127.0.0.1,::1',
  PIP_PROXY: `http://127.0.0.1:${httpPort}`,
}

/** `null` where there is no way out, or the host's whole network. */
export function egressOf(network: NetworkPolicy): EgressPolicy | null {
  return network === false || network === 'host' ? null : network
}

export function compileEgress(network: NetworkPolicy): EgressPlan | null {
  const egress = egressOf(network)
  if (egress === null) return null
  const names = `${nameRange.address}/${nameRange.bits}`
  if (egress.kind === 'public') return { ports: publicPorts, routes: [names, ...everywhere] }
  const ports = new Set(egress.entries.map(({ port }) => port))
  // There the proxies listen themselves: such destinations are reached through them.
  for (const taken of [httpPort, socksPort]) ports.delete(taken)
  const ranges = egress.entries.filter((entry) => entry.kind === 'range')
  const routes = ranges
    .filter(({ address }) => !isLoopbackAddress(address))
    .map(({ address, bits }) => `${address}/${bits}`)
  return { ports: [...ports].sort((a, b) => a - b), routes: [names, ...new Set(routes)].sort() }
}

function inBothCases(name: string, value: string): Record<string, string> {
  return { [name]: value, [name.toLowerCase()]: value }
}
