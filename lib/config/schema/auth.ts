import { later, laterWhen, oneOf, table, text } from './fields.ts'

const authType = laterWhen(
  oneOf(['none', 'static', 'jwt', 'oauth']),
  (type) => type === 'jwt' || type === 'oauth',
  'token verification (JWT and OAuth)',
)

/** `[auth]`: who may call. `auth_type` is another name of `type`. */
export const authTable = table({
  type: authType.optional(),
  auth_type: authType.optional(),
  /** The secret itself, by `${VAR}`, or `file:PATH`. */
  token: text(4096, 'a token or "file:PATH"').optional(),
  issuer: later(text(2048), 'token verification (JWT and OAuth)').optional(),
  client_id: later(text(512), 'token verification (JWT and OAuth)').optional(),
})
