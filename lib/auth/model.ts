/** Who a request is from. Everything that belongs to one principal is out of reach for every other. */
export interface Principal {
  readonly id: string
}

export interface Authenticator {
  /** `authorization`: the header's value. Throws AUTHENTICATION_ERROR when it proves nothing. */
  authenticate(authorization: string | undefined): Principal
  /** For the `WWW-Authenticate` header of a 401; null when no token would help. */
  readonly challenge: string | null
}
