/** What may be dialled: the address that a host has, checked, and that very address then. One implementation for servers and the gateway itself. */
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { McpoError } from '../errors.ts'
import { kindOfAddress, unbracketed } from '../policy/addresses.ts'

export interface HostAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** All addresses of a name. Rejects when there are none. */
export type Resolve = (name: string) => Promise<readonly HostAddress[]>

export interface AddressRules {
  allows(address: string): boolean
  /** What would allow an address that is not, for whoever configures. */
  hint(address: string): string
}

/**
 * The addresses of a host, each checked. One that is not allowed refuses them all: whoever answers for a name could otherwise mix.
 * Rejects with TRANSPORT_ERROR (no such name) or AUTHORIZATION_ERROR (an address that is not allowed).
 */
export async function guardedAddresses(
  host: string,
  rules: AddressRules,
  resolve: Resolve = resolveBySystem,
): Promise<readonly HostAddress[]> {
  const name = unbracketed(host)
  const addresses = await literalOr(name, resolve)
  for (const { address } of addresses) ensureAllowed(name, address, rules)
  return addresses
}

/**
 * A `lookup` for sockets that resolves and checks, so that the address that is dialled is the one that was checked. A socket asks it
 * for names only: a host that is an address has to go through `guardedAddresses` before.
 */
export function guardedLookup(rules: AddressRules, resolve: Resolve = resolveBySystem): LookupFunction {
  return (host, { all }, callback) => {
    guardedAddresses(host, rules, resolve).then(
      (addresses) => {
        const [first] = addresses
        if (first === undefined) callback(noAddress(host), '')
        else if (all === true) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      (error) => callback(error as McpoError, ''),
    )
  }
}

async function literalOr(name: string, resolve: Resolve): Promise<readonly HostAddress[]> {
  if (kindOfAddress(name) !== null) return [{ address: name, family: name.includes(':') ? 6 : 4 }]
  const addresses = await resolve(name)
  if (addresses.length === 0) throw noAddress(name)
  return addresses
}

function ensureAllowed(name: string, address: string, rules: AddressRules): void {
  const kind = kindOfAddress(address)
  if (kind !== null && rules.allows(address)) return
  const where = name === address ? address : `${name} is at ${address}, which`
  throw new McpoError('AUTHORIZATION_ERROR', `${where} is a ${kind ?? 'malformed'} address: not dialled`, {
    hint: rules.hint(address),
  })
}

export async function resolveBySystem(name: string): Promise<readonly HostAddress[]> {
  try {
    const found = await lookup(name, { all: true })
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
  } catch (cause) {
    throw new McpoError('TRANSPORT_ERROR', `The name ${name} has no address`, { cause })
  }
}

function noAddress(name: string): McpoError {
  return new McpoError('TRANSPORT_ERROR', `The name ${name} has no address`)
}
