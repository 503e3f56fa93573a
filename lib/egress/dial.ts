/** From a destination to a connected socket: listed, resolved once, checked, and the checked address dialled. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { McpoError } from '../errors.ts'
import { isLoopbackAddress, sameAddress } from '../policy/addresses.ts'
import {
  destinationInWords,
  type EgressPolicy,
  isListed,
  isListedAddress,
  isOpenable,
  mayDial,
} from '../policy/network/entry.ts'
import { type AddressRules, guardedAddresses, guardedLookup, type Resolve } from './address-guard.ts'
import type { Allowance } from './allowance.ts'
import type { Destination } from './destination.ts'

export interface DialRules {
  readonly policy: EgressPolicy
  /** Ports on which the gateway itself listens on this machine: no line opens them. */
  readonly gatewayPorts: () => readonly number[]
  readonly resolve?: Resolve | undefined
  /** How much may pass; absent: it is counted only. */
  readonly allowance?: Allowance | undefined
}

const timeoutMs = 15_000

/** Throws AUTHORIZATION_ERROR for what is not on the list, before anything is resolved. */
export function ensureListed({ host, port }: Destination, { policy }: Pick<DialRules, 'policy'>): void {
  if (isListed(policy, host, port)) return
  const where = destinationInWords(host, port)
  throw new McpoError('AUTHORIZATION_ERROR', 'it is not on the list', { hint: where, data: { where } })
}

/**
 * Rejects with AUTHORIZATION_ERROR for what the rules refuse, with the line that would allow it as a hint; with TRANSPORT_ERROR
 * where nobody answers.
 */
export async function dial(destination: Destination, rules: DialRules): Promise<Socket> {
  ensureListed(destination, rules)
  const { host, port } = destination
  const addresses = addressRules(rules, port)
  // A socket asks for the address of a name only.
  if (host.kind === 'address') await guardedAddresses(host.name, addresses)
  const lookup = guardedLookup(addresses, rules.resolve)
  const socket = connect({ host: host.name, port, lookup, allowHalfOpen: true, noDelay: true })
  const late = AbortSignal.timeout(timeoutMs)
  try {
    await once(socket, 'connect', { signal: late })
    return socket
  } catch (thrown) {
    socket.destroy()
    throw failure(thrown, destination, late.aborted)
  }
}

function addressRules({ policy, gatewayPorts }: DialRules, port: number): AddressRules {
  const isGateway = (address: string): boolean => isOwn(address) && gatewayPorts().includes(port)
  return {
    allows: (address) =>
      mayDial(policy, address, port) &&
      !isGateway(address) &&
      (!isOwn(address) || isListedAddress(policy, address, port)),
    hint: (address) => (isGateway(address) || !isOpenable(address) ? '' : destinationInWords({ name: address }, port)),
  }
}

/** One of this machine's: services on it are open to it alone, as often as not. */
function isOwn(address: string): boolean {
  if (isLoopbackAddress(address)) return true
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return own.some((each) => sameAddress(each.address, address))
}

function failure(thrown: unknown, { host, port }: Destination, isLate: boolean): McpoError {
  if (thrown instanceof McpoError) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'error'
  const where = destinationInWords(host, port)
  return new McpoError('TRANSPORT_ERROR', `${where} does not answer: ${isLate ? 'timeout' : code}`, { cause: thrown })
}
