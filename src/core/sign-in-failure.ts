/**
 * Why a sign-in ended without a session. A closed list: each is a text in `pages/`, a metric label
 * and a log field. Outages are not here: they are thrown as `Unavailable`.
 */
export const signInFailures = [
  /** The person or the provider said no (`access_denied`). */
  'access-denied',
  /** Any other `error` in the authorization response. */
  'provider-error',
  /** The provider does not accept our client id or secret (`invalid_client`). */
  'client-rejected',
  /** The code was used before, is too old, or belongs to another redirect URI (`invalid_grant`). */
  'code-rejected',
  /** An `iss` that is not `oidc_issuer_url`: of the answer (RFC 9207), the token or discovery. */
  'issuer-mismatch',
  'audience-mismatch',
  /** The ID token is from the future or already over: a clock is off. */
  'clock-skew',
  /** Signature, algorithm, nonce, hash or form of a token is wrong. */
  'token-invalid',
  'email-missing',
  'email-unverified',
  /** Userinfo of another `sub`, or a claim that no header may carry. */
  'claims-invalid',
  'email-not-allowed',
  'group-missing',
  /** The login cookie did not come back, after one silent retry. */
  'cookie-lost',
] as const

export type SignInFailure = (typeof signInFailures)[number]
