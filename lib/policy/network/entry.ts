/** The lines of `network = [ … ]`: what a server may reach, each with its port. */
import { addressBytes, isInRange, kindOfAddress, unbracketed } from '../addresses.ts'
import { type Host, normaliseName, parseHost } from './host-name.ts'

export type EgressEntry =
  | { readonly kind: 'name'; readonly name: string; readonly port: number }
  /** `*.example.org`: one or more whole labels in front of `suffix`, which itself is not meant. */
  | { readonly kind: 'wildcard'; readonly suffix: string; readonly port: number }
  /** An address, or a range of them. */
  | { readonly kind: 'range'; readonly address: string; readonly bits: number; readonly port: number }

/** What a server may reach by name. `public`: whatever is public, on any port. */
export type EgressPolicy =
  | { readonly kind: 'public' }
  | { readonly kind: 'list'; readonly entries: readonly EgressEntry[] }

export const maxEntries = 256
/** Of which each gets a listener in the server's network namespace. */
export const maxPorts = 64

/** Why a line is none, in words that follow `expected …`; the entry otherwise. */
export function parseEntry(written: string): EgressEntry | string {
  const [, host = '', digits = ''] = /^(.+):(\d{1,5})$/.exec(written) ?? []
  const port = Number(digits)
  if (host === '' || port < 1 || port > 65_535) return 'HOST:PORT, such as "api.example.org:443"'
  if (host.startsWith('*.')) return wildcard(host.slice(2), port)
  if (host.includes('*')) return 'a wildcard in place of whole labels in front: "*.example.org:443"'
  if (host.includes('/') || addressBytes(unbracketed(host)) !== null) return range(host, port)
  const name = normaliseName(host)
  return name === null ? 'the name of a host, or an address in its usual spelling' : { kind: 'name', name, port }
}

/** As it would be written. */
export function entryInWords(entry: EgressEntry): string {
  switch (entry.kind) {
    case 'name':
      return `${entry.name}:${entry.port}`
    case 'wildcard':
      return `*.${entry.suffix}:${entry.port}`
    case 'range':
      return destinationInWords({ kind: 'address', name: rangeInWords(entry) }, entry.port)
  }
}

/** `example.org:443`, `[::1]:443`. */
export function destinationInWords({ name }: Pick<Host, 'name'> & Partial<Host>, port: number): string {
  return name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`
}

/** Whether a host and port are on the list, or may be public; what a name resolves to is judged by `mayDial`. */
export function isListed(policy: EgressPolicy, host: Host, port: number): boolean {
  if (policy.kind === 'public') return true
  return policy.entries.some((entry) => {
    if (entry.port !== port) return false
    if (entry.kind === 'range') return host.kind === 'address' && isInRange(host.name, entry.address, entry.bits)
    if (host.kind !== 'name') return false
    return entry.kind === 'name' ? host.name === entry.name : host.name.endsWith(`.${entry.suffix}`)
  })
}

/** Whether some port of a name is on the list. */
export function isNameListed(policy: EgressPolicy, name: string): boolean {
  if (policy.kind === 'public') return true
  return policy.entries.some(({ port }) => isListed(policy, { kind: 'name', name }, port))
}

/** Whether an address that a listed host has may be dialled: a public one, or one that the list itself has with this port. */
export function mayDial(policy: EgressPolicy, address: string, port: number): boolean {
  if (kindOfAddress(address) === 'public') return true
  // A range may hold addresses that no line opens.
  return isOpenable(address) && isListedAddress(policy, address, port)
}

/** Whether the list has the address itself, alone or in a range. */
export function isListedAddress(policy: EgressPolicy, address: string, port: number): boolean {
  if (policy.kind === 'public') return false
  return policy.entries.some(
    (entry) => entry.kind === 'range' && entry.port === port && isInRange(address, entry.address, entry.bits),
  )
}

/** Link-local, metadata, multicast and reserved addresses no line opens. */
export function isOpenable(address: string): boolean {
  const kind = kindOfAddress(address)
  return kind === 'public' || kind === 'private' || kind === 'loopback'
}

function wildcard(host: string, port: number): EgressEntry | string {
  const suffix = normaliseName(host)
  if (suffix === null || !suffix.includes('.')) return 'a wildcard in front of at least two labels: "*.example.org:443"'
  return { kind: 'wildcard', suffix, port }
}

function range(host: string, port: number): EgressEntry | string {
  const [written = '', length] = unbracketed(host).split('/')
  const parsed = parseHost(written)
  if (parsed?.kind !== 'address') return 'an address, or a range such as "10.1.0.0/16:5432" or "[fd00::/64]:443"'
  const most = parsed.name.includes(':') ? 128 : 32
  const bits = length === undefined ? most : Number(length)
  if (!/^\d{1,3}$/.test(length ?? '0') || bits > most || bits < (most === 32 ? 8 : 16)) {
    return `a range of 8 to 32 bits (IPv6: 16 to 128)`
  }
  if (!isOpenable(parsed.name)) return `no ${kindOfAddress(parsed.name)} address: no setting allows one`
  return { kind: 'range', address: parsed.name, bits, port }
}

function rangeInWords({ address, bits }: { address: string; bits: number }): string {
  return bits === (address.includes(':') ? 128 : 32) ? address : `${address}/${bits}`
}
