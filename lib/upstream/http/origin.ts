import type { Readable } from 'node:stream'
import { Pool } from 'undici'
import type { RemoteSettings } from '../../config/model.ts'
import { type AddressRules, guardedAddresses, guardedLookup, type Resolve } from '../../egress/address-guard.ts'
import { McpoError } from '../../errors.ts'
import { version } from '../identity.ts'
import { unreachable } from './failures.ts'
import { remoteAddresses } from './remote-addresses.ts'

/** One request to a remote server. */
export interface Outbound {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
  readonly signal: AbortSignal
  /** How long the headers of the answer may take; 0: for ever. */
  readonly headersTimeoutMs: number
}

export interface RemoteAnswer {
  readonly status: number
  /** Media type in lower case, without parameters; empty when there is none. */
  readonly mediaType: string
  header(name: string): string | undefined
  readonly body: Readable
  /** Its body is of no interest: what is short is read, so that the connection can be used again. */
  discard(): void
}

/** Streams take a connection each, for as long as they last. */
const maxConnections = 256
const connectTimeoutMs = 10_000
/** Probes a silent peer, so that a stream that may be quiet for hours ends when the other side is gone. */
const tcpKeepAliveMs = 30_000
const maxHeaderBytes = 32 * 1024
const maxRedirects = 3
const discardedBytes = 64 * 1024
const discardMs = 2000

/**
 * The one origin that a remote server may be spoken to at, over connections that are kept and bounded. Every address is checked
 * before it is dialled, redirects stay on the origin, and the configured headers go nowhere else.
 */
export class Origin {
  private readonly settings: RemoteSettings
  private readonly origin: string
  private readonly host: string
  private readonly pool: Pool
  private readonly allowed: AddressRules
  private readonly resolve: Resolve | undefined

  constructor(settings: RemoteSettings, resolve?: Resolve) {
    const { origin, hostname } = new URL(settings.url)
    this.settings = settings
    this.origin = origin
    this.host = hostname
    this.resolve = resolve
    this.allowed = remoteAddresses(hostname, settings.allowPrivate)
    this.pool = new Pool(origin, {
      connections: maxConnections,
      pipelining: 1,
      maxHeaderSize: maxHeaderBytes,
      // Bodies are bounded and timed by whoever reads them: only there it is known whether one is a stream.
      bodyTimeout: 0,
      connect: {
        timeout: connectTimeoutMs,
        keepAliveInitialDelay: tcpKeepAliveMs,
        lookup: guardedLookup(this.allowed, resolve),
        // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED cannot take it back.
        rejectUnauthorized: true,
      },
    })
  }

  /** Rejects with a McpoError when there is no answer. Its body must be read, or destroyed. */
  async request(outbound: Outbound): Promise<RemoteAnswer> {
    try {
      await this.ensureHost()
      return await this.follow(outbound)
    } catch (thrown) {
      throw unreachable(this.settings.name, thrown)
    }
  }

  /** Cuts all connections. */
  async close(): Promise<void> {
    await this.pool.destroy()
  }

  /** A socket asks for the address of a name only: a host that is an address is checked here. */
  private async ensureHost(): Promise<void> {
    if (/^[\d.]+$|^\[/.test(this.host)) await guardedAddresses(this.host, this.allowed, this.resolve)
  }

  private async follow(outbound: Outbound): Promise<RemoteAnswer> {
    let { url } = outbound
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      const answer = await this.once({ ...outbound, url })
      const location = answer.header('location')
      if (answer.status < 300 || answer.status > 399 || location === undefined) return answer
      answer.discard()
      url = this.redirected(outbound, url, answer.status, location)
    }
    throw new McpoError('TRANSPORT_ERROR', `Server "${this.settings.name}" redirects more than ${maxRedirects} times`)
  }

  private redirected({ method }: Outbound, from: URL, status: number, location: string): URL {
    const { name } = this.settings
    const to = URL.canParse(location, from.href) ? new URL(location, from) : null
    if (to?.origin !== this.origin) {
      const where = to === null ? 'to no URL' : `to ${to.origin}`
      throw new McpoError('TRANSPORT_ERROR', `Server "${name}" redirects ${where}, away from ${this.origin}`, {
        hint: 'Where that is meant, write the new address as its url.',
      })
    }
    // 301, 302 and 303 turn a POST into a GET, or do not, as the client likes.
    if (method === 'GET' || status === 307 || status === 308) return to
    throw new McpoError('TRANSPORT_ERROR', `Server "${name}" redirects a ${method} with the status ${status}`)
  }

  private async once({ method, url, headers, body, signal, headersTimeoutMs }: Outbound): Promise<RemoteAnswer> {
    const answer = await this.pool.request({
      method,
      path: `${url.pathname}${url.search}`,
      headers: {
        'user-agent': `mcp-one/${version}`,
        ...this.settings.headers,
        'accept-encoding': 'identity',
        ...headers,
      },
      body,
      signal,
      headersTimeout: headersTimeoutMs,
    })
    // An abort, or a cut connection, is told by whoever reads the body; without a reader it is no news.
    answer.body.on('error', () => {})
    const header = (name: string): string | undefined => {
      const value = answer.headers[name]
      return Array.isArray(value) ? value[0] : value
    }
    const encoding = header('content-encoding')?.toLowerCase() ?? 'identity'
    if (encoding !== 'identity') {
      answer.body.destroy()
      throw new McpoError('TRANSPORT_ERROR', `Server "${this.settings.name}" compresses its answers, unasked`)
    }
    const mediaType = header('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
    const discard = (): void =>
      void answer.body.dump({ limit: discardedBytes, signal: AbortSignal.timeout(discardMs) }).catch(() => {})
    return { status: answer.statusCode, mediaType, header, body: answer.body, discard }
  }
}
