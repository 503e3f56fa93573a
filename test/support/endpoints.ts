/** What the properties of a single server run on, and what they see of it. */
import { scanChunkJs } from '../../lib/protocol/scan.ts'
import { frameScanner } from '../../lib/upstream/frame-scanner.ts'
import { namings } from './odd-calls.ts'
import type { Puppet } from './puppet.ts'
import type { Exchange } from './raw-client.ts'

/** The two endpoints, with each scanner. */
export const endpoints = [
  { path: '/mcp/one', scanner: 'native', scan: frameScanner(), ...namings.one },
  { path: '/mcp/one', scanner: 'twin', scan: scanChunkJs, ...namings.one },
  { path: '/mcp', scanner: 'native', scan: frameScanner(), ...namings.all },
  { path: '/mcp', scanner: 'twin', scan: scanChunkJs, ...namings.all },
] as const

/** The line in which the server gets a request. Throws when the client got an answer before. */
export function arrival(puppet: Puppet, { reply }: Exchange): Promise<string> {
  return Promise.race([puppet.next(), reply.then(({ body }) => refused(body))])
}

export function refused(body: string): never {
  throw new Error(`answered before the server was: ${body}`)
}

export const idOf = (line: string): string => String(JSON.parse(line).id)
