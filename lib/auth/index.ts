import type { AuthSettings } from '../config/model.ts'
import type { Authenticator } from './model.ts'
import { openDoor } from './none.ts'
import { staticToken } from './static.ts'

/** The authenticator that the configuration asks for. */
export function createAuthenticator(settings: AuthSettings): Authenticator {
  return settings.type === 'static' ? staticToken(settings.token) : openDoor
}
