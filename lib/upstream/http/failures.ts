import { errors } from 'undici'
import { McpoError } from '../../errors.ts'

/** Why there was no answer, in words; what other libraries throw stays the cause. Own errors stay as they are. */
export function unreachable(server: string, thrown: unknown): McpoError {
  const own = ownError(thrown)
  if (own !== null) return own
  const code = codeOf(thrown)
  const what = code === null ? undefined : words.get(code)
  const isNoHttp = thrown instanceof errors.HTTPParserError
  const why = what ?? (isNoHttp ? 'what it sends is no HTTP' : `the connection failed (${code ?? 'no reason given'})`)
  const hint = code !== null && untrusted.has(code) ? { hint: trustHint } : {}
  return new McpoError('TRANSPORT_ERROR', `Server "${server}" cannot be reached: ${why}`, { ...hint, cause: thrown })
}

/** An answer whose status says that it is none. */
export function refusedStatus(server: string, status: number): McpoError {
  const hint =
    status === 401 || status === 403 ? { hint: `Check the headers of "${server}" in the configuration.` } : {}
  return new McpoError('TRANSPORT_ERROR', `Server "${server}" answered with the HTTP status ${status}`, {
    ...hint,
    data: { server, status },
  })
}

const words = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'it closed the connection'],
  ['UND_ERR_SOCKET', 'it closed the connection'],
  ['EHOSTUNREACH', 'there is no way to its host'],
  ['ENETUNREACH', 'there is no way to its network'],
  ['ETIMEDOUT', 'the connection timed out'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the connection timed out'],
  ['UND_ERR_HEADERS_TIMEOUT', 'it did not begin to answer in time'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the headers of its answer are too large'],
  ['UND_ERR_ABORTED', 'the request was given up'],
  ['UND_ERR_DESTROYED', 'the gateway is ending'],
  ['UND_ERR_CLOSED', 'the gateway is ending'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is signed by nobody else'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by an unknown authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate is signed by an unknown authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is signed by an unknown authority'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'it does not speak TLS'],
  ['EPROTO', 'the TLS handshake failed'],
])
const untrusted: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
const trustHint = 'Start the gateway with NODE_EXTRA_CA_CERTS naming a file with the certificate of the authority.'

/** Thrown on the way through a socket, own errors come back wrapped. */
function ownError(thrown: unknown): McpoError | null {
  if (thrown instanceof McpoError) return thrown
  const cause = thrown instanceof Error ? thrown.cause : undefined
  return cause instanceof McpoError ? cause : null
}

function codeOf(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null) return null
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  if (!('name' in thrown)) return null
  if (thrown.name === 'TimeoutError') return 'UND_ERR_HEADERS_TIMEOUT'
  return thrown.name === 'AbortError' ? 'UND_ERR_ABORTED' : null
}
