import { createHash, timingSafeEqual } from 'node:crypto'
import { McpoError } from '../errors.ts'
import type { Authenticator } from './model.ts'

const scheme = /^Bearer +([^ ]+) *$/i

/**
 * `auth.type = "static"`: one token for everyone who may in. Hashes are compared, in constant time, so that neither the
 * token's bytes nor its length can be measured.
 */
export function staticToken(token: string): Authenticator {
  const expected = hash(token)
  const principal = { id: 'static' }
  return {
    challenge: 'Bearer realm="mcp-one"',
    authenticate(authorization) {
      const given = scheme.exec(authorization ?? '')?.[1]
      if (given === undefined || !timingSafeEqual(hash(given), expected)) throw refused(authorization)
      return principal
    },
  }
}

function refused(authorization: string | undefined): McpoError {
  const what =
    authorization === undefined
      ? 'The request has no Authorization header'
      : 'The Authorization header holds no valid token'
  return new McpoError('AUTHENTICATION_ERROR', what, { hint: 'Send "Authorization: Bearer <the token of [auth]>".' })
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
