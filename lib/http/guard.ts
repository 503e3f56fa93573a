import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { McpoError } from '../errors.ts'

export interface GuardOptions {
  readonly host: string
  readonly port: number
  readonly scheme: 'http' | 'https'
  readonly publicUrl: string | null
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/**
 * Headers that decide something here. Twice in one request, one reader takes the first and another the last, so that is
 * refused.
 */
const singular = new Set([
  'authorization',
  'content-length',
  'content-type',
  'host',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'origin',
  'transfer-encoding',
])

export type Guard = (request: IncomingMessage) => void

/**
 * Keeps web pages out that reach this port through a browser (DNS rebinding, cross-site requests): the Host must be one
 * of ours and the Origin, if a browser sent one, too. Throws AUTHORIZATION_ERROR or INVALID_REQUEST. It does not protect
 * from programs on this machine: they write any header they like.
 */
export function createGuard(options: GuardOptions): Guard {
  const hosts = acceptedHosts(options)
  const origins = acceptedOrigins(options)
  return (request) => {
    ensureSingularHeaders(request.rawHeaders)
    ensurePlainTransfer(request)
    const host = targetHost(request)?.toLowerCase()
    ensureHost(host, hosts, request, options)
    ensureOrigin(request.headers.origin, host ?? '', origins, options)
  }
}

function ensureSingularHeaders(rawHeaders: readonly string[]): void {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!singular.has(name) && !name.startsWith('mcp-param-')) continue
    if (seen.has(name)) throw new McpoError('INVALID_REQUEST', `The header ${name} may be sent once, and came twice`)
    seen.add(name)
  }
}

/** A coding besides the chunks would be undone by nobody here (RFC 9112, 6.1). */
function ensurePlainTransfer({ headers }: IncomingMessage): void {
  const coding = headers['transfer-encoding']
  if (coding === undefined || coding.trim().toLowerCase() === 'chunked') return
  throw new McpoError('NOT_IMPLEMENTED', 'Of the transfer codings there is chunked only')
}

/** A target in absolute form says which host is meant, whatever the Host header says (RFC 9112, 3.2.2). */
function targetHost({ url = '/', headers }: IncomingMessage): string | undefined {
  if (url.startsWith('/') || url === '*') return headers.host
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1] ?? ''
}

function ensureHost(
  host: string | undefined,
  hosts: ReadonlySet<string>,
  request: IncomingMessage,
  options: GuardOptions,
): void {
  if (host !== undefined && (hosts.has(host) || hosts.has(hostName(host)) || host === ownAddress(request, options)))
    return
  throw new McpoError(
    'AUTHORIZATION_ERROR',
    `The Host header, or the host of the target, is ${quoted(host)}: no host of this gateway`,
    {
      hint: 'If clients reach it under that name, add it to allowed_hosts of [server].',
    },
  )
}

function ensureOrigin(
  origin: string | undefined,
  host: string,
  origins: ReadonlySet<string>,
  options: GuardOptions,
): void {
  if (origin === undefined || origins.has(origin.toLowerCase())) return
  if (isLoopback(hostName(host)) && origin.toLowerCase() === `${options.scheme}://${host}`) return
  throw new McpoError('AUTHORIZATION_ERROR', `Web pages of the origin ${quoted(origin)} may not use this gateway`, {
    hint: 'If they should, add the origin to allowed_origins of [server].',
  })
}

/** Values of the Host header, with their port; an entry of allowed_hosts without a port is good for every port. */
function acceptedHosts(options: GuardOptions): Set<string> {
  const own = ['localhost', '127.0.0.1', '[::1]']
  if (!isUnspecified(options.host)) own.push(bracketed(options.host.toLowerCase()))
  const hosts = new Set(options.allowedHosts.map((host) => host.toLowerCase()))
  for (const name of own) for (const host of withPort(name, options)) hosts.add(host)
  if (options.publicUrl !== null) hosts.add(new URL(options.publicUrl).host)
  return hosts
}

function acceptedOrigins(options: GuardOptions): Set<string> {
  const origins = new Set(options.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')))
  if (options.publicUrl !== null) origins.add(new URL(options.publicUrl).origin)
  return origins
}

function withPort(name: string, { scheme, port }: GuardOptions): string[] {
  const isDefault = port === (scheme === 'http' ? 80 : 443)
  return isDefault ? [name, `${name}:${port}`] : [`${name}:${port}`]
}

/** Bound to every address: the one that this connection came in on. An address cannot be rebound, only a name can. */
function ownAddress(request: IncomingMessage, options: GuardOptions): string | null {
  const address = request.socket.localAddress?.replace(/^::ffff:/, '')
  if (!isUnspecified(options.host) || address === undefined) return null
  return `${bracketed(address)}:${options.port}`
}

function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '127.0.0.1' || name === '[::1]'
}

function hostName(host: string): string {
  return host.replace(/:[0-9]+$/, '')
}

function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address
}

function quoted(value: string | undefined): string {
  return value === undefined ? '(absent)' : JSON.stringify(value.slice(0, 100))
}
