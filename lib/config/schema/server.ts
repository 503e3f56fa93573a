import { isIP } from 'node:net'
import { later, listOf, table, text, wholeNumber, word } from './fields.ts'

const maxPathLength = 4096
const maxNames = 64

/** `[server]`: where the gateway listens and how much it takes. */
export const serverTable = table({
  host: word('an IP address or a host name', isHost).default('127.0.0.1'),
  /** 0 takes any free port. */
  port: wholeNumber(0, 65535).default(3000),
  cert_path: text(maxPathLength, 'a path').optional(),
  key_path: text(maxPathLength, 'a path').optional(),
  public_url: word('an http or https URL without user, query and fragment', isPublicUrl).optional(),
  allowed_hosts: listOf(
    word('a lower-case host name, with :port or without', isHostHeader),
    maxNames,
    'host names',
  ).default([]),
  allowed_origins: listOf(word('an origin such as "https://app.example.com"', isOrigin), maxNames, 'origins').default(
    [],
  ),
  trusted_proxies: later(listOf(text(255), maxNames, 'addresses'), 'running behind a proxy').optional(),
  max_sessions: wholeNumber(1, 10_000).default(100),
  session_idle_seconds: wholeNumber(10, 86_400).default(1800),
  max_message_mb: wholeNumber(1, 1023).default(64),
  uid_range: word(uidRangeExpected(), (value) => parseUidRange(value) !== null).default('61184-65519'),
})

/** Fewer could not give each of 256 servers a uid of its own without crowding. */
const minUids = 512
const firstOrdinaryUid = 1000
const nobodyUid = 65534
/** (uid_t)-1 in 16 bits: means "no change" to old system calls. */
const invalidUid16 = 65535
const maxUid = 0x7fff_ffff

/** `"61184-65519"` as its two ends; `null` when it is no range of unprivileged uids that servers may have. */
export function parseUidRange(value: string): [number, number] | null {
  const match = /^(\d{1,10})-(\d{1,10})$/.exec(value)
  const first = Number(match?.[1])
  const last = Number(match?.[2])
  if (!(first >= firstOrdinaryUid && last <= maxUid && last - first + 1 >= minUids)) return null
  const reserved = [nobodyUid, invalidUid16].some((uid) => uid >= first && uid <= last)
  return reserved ? null : [first, last]
}

function uidRangeExpected(): string {
  return 'a range of at least 512 uids from 1000 up without 65534 and 65535, such as "61184-65519"'
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

function isHost(value: string): boolean {
  return isIP(value) !== 0 || hostName.test(value)
}

/** `example.com`, `example.com:8443`, `192.0.2.1`, `[2001:db8::1]:3000`. No wildcards: they undo the check. */
function isHostHeader(value: string): boolean {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(value)
  if (match === null || value !== value.toLowerCase()) return false
  const [, ipv6, name, port] = match
  if (port !== undefined && Number(port) > 65535) return false
  return ipv6 === undefined ? hostName.test(name ?? '') : isIP(ipv6) === 6
}

/** As browsers write it: scheme, host, port where it is not the scheme's own; custom schemes too. */
function isOrigin(value: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/.test(value) || value.length > 300) return false
  if (!/^https?:/.test(value)) return true
  return URL.canParse(value) && new URL(value).origin === value
}

function isPublicUrl(value: string): boolean {
  if (!URL.canParse(value) || value.length > 2048) return false
  const url = new URL(value)
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  return isPlain && (url.protocol === 'http:' || url.protocol === 'https:')
}
