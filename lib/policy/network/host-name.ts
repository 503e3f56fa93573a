/**
 * Hosts in one spelling, so that what is compared, resolved and dialled is the same. Readers of numbers differ (`127.1`, `0x7f000001`,
 * `017700000001` are all 127.0.0.1 to some): a host that looks like a number is an address in its strict spelling, or refused.
 */
import { domainToASCII } from 'node:url'
import { addressBytes, unbracketed } from '../addresses.ts'

/** A name is lower-case ASCII (IDNA) without the trailing dot; an address is one that RFC 4291 or dotted decimal spells strictly. */
export type Host =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'address'; readonly name: string }

const maxNameLength = 253
const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
/** The rest no name has, and readers of names treat it differently: percent signs, spaces, `@`, `/`, control characters … */
const fit = /^[a-z0-9._\u00a1-\u{10ffff}-]+$/iu

/** `null`: no host that anybody should look up. Brackets around an IPv6 address are taken off. */
export function parseHost(written: string): Host | null {
  const bare = unbracketed(written)
  if (addressBytes(bare) !== null) return { kind: 'address', name: bare.toLowerCase() }
  if (bare !== written) return null
  const name = normaliseName(written)
  return name === null ? null : { kind: 'name', name }
}

/** `null` for what is no name, numbers included. */
export function normaliseName(written: string): string | null {
  if (written.length > 4 * maxNameLength || !fit.test(written)) return null
  const name = domainToASCII(written.replace(/\.$/, '')).toLowerCase()
  const labels = name.split('.')
  if (name.length > maxNameLength || !labels.every((each) => label.test(each))) return null
  return looksLikeNumber(labels.at(-1) ?? '') ? null : name
}

/** WHATWG URL, "ends in a number checker": such a host is an IPv4 address to those who read it so. */
function looksLikeNumber(last: string): boolean {
  return /^(\d+|0x[0-9a-f]*)$/.test(last)
}
