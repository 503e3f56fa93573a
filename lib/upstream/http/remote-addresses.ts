import type { AddressRules } from '../../egress/address-guard.ts'
import { type AddressKind, isLoopbackHost, kindOfAddress } from '../../policy/addresses.ts'

/**
 * What a remote server's host may resolve to: a public address; this machine, when the host says so by its spelling; with
 * `allowPrivate` also this machine and private networks. Link-local, metadata, multicast and reserved addresses never.
 */
export function remoteAddresses(host: string, allowPrivate: boolean): AddressRules {
  const kinds = allowedKinds(host, allowPrivate)
  return {
    allows: (address) => {
      const kind = kindOfAddress(address)
      return kind !== null && kinds.has(kind)
    },
    hint: (address) => {
      const kind = kindOfAddress(address)
      return kind === 'private' || kind === 'loopback'
        ? 'Write allow_private = true for a server in your own network.'
        : 'No setting allows this kind of address.'
    },
  }
}

function allowedKinds(host: string, allowPrivate: boolean): ReadonlySet<AddressKind> {
  if (isLoopbackHost(host)) return new Set(['loopback'])
  return new Set(allowPrivate ? ['public', 'private', 'loopback'] : ['public'])
}
