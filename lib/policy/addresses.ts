/** What kind of address an IP address is. Everything that is not known to be public is something else. */
export type AddressKind =
  | 'public'
  | 'private'
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'multicast'
  | 'unspecified'
  | 'reserved'

type Range = readonly [prefix: readonly number[], bits: number, kind: AddressKind]

/** IANA IPv4 Special-Purpose Address Registry; of ranges within each other the first that fits holds. */
const ranges4: readonly Range[] = [
  [[169, 254, 169, 254], 32, 'metadata'],
  [[169, 254, 170, 2], 32, 'metadata'],
  [[100, 100, 100, 200], 32, 'metadata'],
  [[192, 0, 0, 192], 32, 'metadata'],
  [[168, 63, 129, 16], 32, 'metadata'],
  [[0], 8, 'unspecified'],
  [[10], 8, 'private'],
  [[100, 64], 10, 'private'],
  [[127], 8, 'loopback'],
  [[169, 254], 16, 'link-local'],
  [[172, 16], 12, 'private'],
  [[192, 0, 0], 24, 'reserved'],
  [[192, 0, 2], 24, 'reserved'],
  [[192, 88, 99], 24, 'reserved'],
  [[192, 168], 16, 'private'],
  [[198, 18], 15, 'reserved'],
  [[198, 51, 100], 24, 'reserved'],
  [[203, 0, 113], 24, 'reserved'],
  [[224], 4, 'multicast'],
  [[240], 4, 'reserved'],
]

/** IANA IPv6 Special-Purpose Address Registry. Only 2000::/3 is public; the tunnels in it are not. */
const ranges6: readonly Range[] = [
  [bytes6('fd00:ec2::254'), 128, 'metadata'],
  [bytes6('fd20:ce::254'), 128, 'metadata'],
  [bytes6('::'), 128, 'unspecified'],
  [bytes6('::1'), 128, 'loopback'],
  [bytes6('64:ff9b:1::'), 48, 'private'],
  [bytes6('fc00::'), 7, 'private'],
  [bytes6('fe80::'), 10, 'link-local'],
  [bytes6('fec0::'), 10, 'private'],
  [bytes6('ff00::'), 8, 'multicast'],
  [bytes6('2001::'), 23, 'reserved'],
  [bytes6('2001:db8::'), 32, 'reserved'],
  [bytes6('2002::'), 16, 'reserved'],
  [bytes6('3fff::'), 20, 'reserved'],
  [bytes6('2000::'), 3, 'public'],
]

/** Prefixes whose last four bytes are an IPv4 address, which is where a packet may end up: mapped, translated, NAT64. */
const carriers = ['::ffff:0:0', '::ffff:0:0:0', '64:ff9b::'].map(bytes6)

/**
 * What an address is, in any spelling that RFC 4291 and dotted decimal allow. `null`: no IP address, or one with a zone, or with
 * leading zeros, which some readers take for octal.
 */
export function kindOfAddress(address: string): AddressKind | null {
  const four = parse4(address)
  if (four !== null) return kindOf4(four)
  const six = parse6(address)
  if (six === null) return null
  if (isCarrier(six)) return kindOf4(six.slice(12))
  return find(ranges6, six) ?? 'reserved'
}

/** Four or sixteen bytes of an address in a strict spelling; `null` for anything else. */
export function addressBytes(address: string): readonly number[] | null {
  return parse4(address) ?? parse6(address)
}

/** Whether an address is among those that share the first `bits` with `first`. Both are addresses, of the same family or not. */
export function isInRange(address: string, first: string, bits: number): boolean {
  const [bytes, prefix] = [addressBytes(address), addressBytes(first)]
  return bytes !== null && prefix !== null && bytes.length === prefix.length && startsWith(bytes, prefix, bits)
}

export function isLoopbackAddress(address: string): boolean {
  return kindOfAddress(address) === 'loopback'
}

/** However they are spelled; an IPv4 address in an IPv6 one is the same. */
export function sameAddress(one: string, other: string): boolean {
  const [a, b] = [endOf(one), endOf(other)]
  return a !== null && b !== null && a.length === b.length && startsWith(a, b, 8 * a.length)
}

/** A host that by its spelling can only be this machine: `localhost`, a name below it, a loopback address. */
export function isLoopbackHost(host: string): boolean {
  const name = unbracketed(host).toLowerCase().replace(/\.$/, '')
  return name === 'localhost' || name.endsWith('.localhost') || kindOfAddress(name) === 'loopback'
}

/** `[::1]`, as it stands in URLs, as `::1`. */
export function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** Where a packet to it ends up. */
function endOf(address: string): readonly number[] | null {
  const bytes = addressBytes(address)
  return bytes !== null && bytes.length === 16 && isCarrier(bytes) ? bytes.slice(12) : bytes
}

function isCarrier(six: readonly number[]): boolean {
  return carriers.some((prefix) => startsWith(six, prefix, 96))
}

function kindOf4(bytes: readonly number[]): AddressKind {
  return find(ranges4, bytes) ?? 'public'
}

function find(ranges: readonly Range[], bytes: readonly number[]): AddressKind | undefined {
  return ranges.find(([prefix, bits]) => startsWith(bytes, prefix, bits))?.[2]
}

function startsWith(bytes: readonly number[], prefix: readonly number[], bits: number): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = 0xff & (0xff << Math.max(0, 8 - (bits - bit)))
    if ((((bytes[bit / 8] ?? 0) ^ (prefix[bit / 8] ?? 0)) & mask) !== 0) return false
  }
  return true
}

function parse4(text: string): number[] | null {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return null
  const bytes = text.split('.').map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : null
}

function parse6(text: string): number[] | null {
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return null
  const [head, tail] = halves.map((half, index) => (half === '' ? [] : groups(half, index === halves.length - 1)))
  if (head === null || tail === null || head === undefined) return null
  if (tail === undefined) return head.length === 16 ? head : null
  const missing = 16 - head.length - tail.length
  return missing < 2 ? null : [...head, ...new Array<number>(missing).fill(0), ...tail]
}

/** The bytes of groups between colons; the last may be dotted decimal. */
function groups(text: string, isLast: boolean): number[] | null {
  const bytes: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const four = isLast && index === parts.length - 1 ? parse4(part) : null
    if (four !== null) bytes.push(...four)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff)
    else return null
  }
  return bytes
}

function bytes6(text: string): number[] {
  const bytes = parse6(text)
  if (bytes === null) throw new TypeError(`${text} is no IPv6 address`)
  return bytes
}
