/**
 * `network = "host"`: the server shares the host's network namespace.
 *
 * Reason: servers that call the internet or a service on this machine, until allow-lists are there.
 * Risk: it reaches everything this machine reaches: services on loopback, the private network, cloud metadata
 * addresses, and the gateway's own port. Abstract Unix sockets are closed by Landlock only (ABI 6, Linux 6.12).
 */
import type { Relaxation } from './relaxation.ts'

export const networkHost: Relaxation = {
  setting: 'network = "host"',
  applies: (policy) => policy.network === 'host',
  leaves: { network: 'none' },
  risk: 'the server reaches whatever this machine reaches, services on loopback and the private network included',
}
