import { createHash } from 'node:crypto'

/** The longest name that every client and model accepts. */
export const maxNameLength = 64
const separator = '__'
const hashLength = 12
const shortened = /_[a-z2-7]{12}$/

/**
 * The name under which the aggregate endpoint shows what a server calls `name`: `server__name`. A name that would be longer
 * than 64 characters is cut and ends in a hash. The result depends on this server and this name alone, so nothing that
 * another server does can rename it; a short name that looks like a shortened one is hashed too, so two never meet.
 */
export function publicName(server: string, name: string): string {
  const full = `${server}${separator}${name}`
  if (full.length <= maxNameLength && !isShortened(full)) return full
  const kept = cutAt(full, maxNameLength - hashLength - 1)
  return `${kept}_${hash(server, name)}`
}

/** A public name taken apart. `name` is null when only the server's own list can tell which name was shortened to this. */
export function splitPublicName(name: string): { server: string; name: string | null } | null {
  const at = name.indexOf(separator)
  if (at <= 0) return null
  return { server: name.slice(0, at), name: isShortened(name) ? null : name.slice(at + separator.length) }
}

function isShortened(full: string): boolean {
  return full.length >= maxNameLength - 1 && full.length <= maxNameLength && shortened.test(full)
}

/** Never between the halves of a surrogate pair: the cut may be one short. */
function cutAt(text: string, length: number): string {
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}

function hash(server: string, name: string): string {
  const digest = createHash('sha256').update(`${server}\0${name}`).digest()
  return base32(digest.subarray(0, 8)).slice(0, hashLength)
}

function base32(bytes: Uint8Array): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  let bits = 0n
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte)
  let text = ''
  for (let shift = BigInt(bytes.length * 8 - 5); shift >= 0n; shift -= 5n)
    text += alphabet[Number((bits >> shift) & 31n)]
  return text
}
