import { McpoError } from '../errors.ts'
import { decodeHeaderValue } from '../protocol/bridge/param-headers.ts'
import type { Message } from '../protocol/model.ts'
import { modernRevisions, modernVersions, newestModern } from '../protocol/revisions/index.ts'
import { isForeign, nameOf } from '../protocol/revisions/requests.ts'
import type { Claims } from './model.ts'

const versionField = 'params._meta.io.modelcontextprotocol/protocolVersion'
const maxMetaBytes = 64 * 1024

/**
 * The checks that every modern request has to pass before a server sees it (streamable HTTP, "Server Validation"): the
 * envelope is complete, and headers and body say the same, since somebody on the way may have decided from the headers.
 */
export function ensureModernRequest(request: Message, claims: Claims): void {
  const version = request.text(versionField)
  if (version === null) throw incomplete(newestModern.envelope.protocolVersion)
  const hasHeaders = claims.paramHeaders !== null
  if (hasHeaders) ensureHeader('MCP-Protocol-Version', claims.protocolVersion, version)
  const revision = modernRevisions.find((known) => known.version === version)
  if (revision === undefined) throw unsupported(version, modernVersions)
  ensureClientCapabilities(request, revision.envelope.clientCapabilities)
  const method = request.text('method') ?? ''
  if (hasHeaders) ensureHeader('Mcp-Method', claims.method, method)
  if (hasHeaders) ensureName(nameOf(revision, request), claims)
  if (isForeign(revision, method))
    throw new McpoError('METHOD_NOT_FOUND', `${method} is no method of the revision ${version}`)
}

/** A revision that is not spoken here, with those that are. */
function unsupported(requested: string, supported: readonly string[]): McpoError {
  return new McpoError(
    'UNSUPPORTED_PROTOCOL',
    `The revision ${JSON.stringify(requested.slice(0, 40))} is not spoken here`,
    {
      data: { supported, requested: requested.slice(0, 40) },
    },
  )
}

function ensureName(value: string | null, claims: Claims): void {
  // What is encoded wrongly is left as it came, which is no name then.
  const name = claims.name === undefined ? undefined : (decodeHeaderValue(claims.name) ?? claims.name)
  if (value !== null) ensureHeader('Mcp-Name', name, value)
}

function ensureHeader(name: string, header: string | undefined, body: string): void {
  if (header === body) return
  const came = header === undefined ? 'is missing' : `says ${JSON.stringify(header.slice(0, 100))}`
  throw new McpoError(
    'HEADER_MISMATCH',
    `The header ${name} ${came}, the body says ${JSON.stringify(body.slice(0, 100))}`,
  )
}

function ensureClientCapabilities(request: Message, key: string): void {
  const span = request.span('params._meta')
  if (span === null || span.end - span.start > maxMetaBytes)
    throw new McpoError('TOO_LARGE', 'params._meta is too large')
  const meta: unknown = JSON.parse(request.raw('params._meta') ?? 'null')
  const capabilities = (meta as Record<string, unknown> | null)?.[key]
  if (typeof capabilities !== 'object' || capabilities === null) throw incomplete(key)
}

function incomplete(key: string): McpoError {
  return new McpoError('INVALID_PARAMS', `Each request of this revision carries ${key} in params._meta`, {
    data: { missing: [key] },
  })
}
