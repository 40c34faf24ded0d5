// How apps learn who is signed in, and how nobody else tells them. Names are lower case.
import type { RequestHeaders } from '../core/http.ts'
import type { Session } from '../core/session.ts'
import type { Secret } from '../lib/secret.ts'
import { foldName } from '../lib/header-name.ts'
import { oncePer } from '../lib/once-per.ts'
import { remembered } from '../lib/remembered.ts'
import { headerText } from './header-text.ts'

export interface IdentityHeaderOptions {
  readonly set_xauthrequest: boolean
  readonly set_basic_auth: boolean
  readonly set_authorization_header: boolean
  readonly pass_basic_auth: boolean
  readonly pass_user_headers: boolean
  readonly pass_access_token: boolean
  readonly pass_authorization_header: boolean
  readonly prefer_email_to_user: boolean
  /** Empty = no `Authorization: Basic`. */
  readonly basic_auth_password: Secret
}

export interface IdentityHeaders {
  /** On answers to checks and on proxied answers. */
  response(session: Session): Readonly<Record<string, string>>
  /** All names that `isIdentityHeader` knows one by one, each with hyphens and with underscores. */
  readonly names: readonly string[]
  /** On requests to our own upstreams. */
  upstream(session: Session): Readonly<Record<string, string>>
  /** Must a client's header of this name, however it is spelt, never reach an app (SEC-6)? */
  isIdentityHeader(name: string): boolean
  /** Names of ours that an answer does not set: a gateway must take them from an allowed request. */
  unsetNames(set: Readonly<Record<string, string>>): readonly string[]
  /** The client's other spellings of our names, to be taken from the request likewise. */
  forgedNames(client: RequestHeaders): readonly string[]
}

export function createIdentityHeaders(options: IdentityHeaderOptions): IdentityHeaders {
  const password = options.basic_auth_password.reveal()
  const passesBasic = options.pass_basic_auth && password !== ''
  const setsAuthorization = options.set_authorization_header || options.set_basic_auth
  const passesAuthorization = passesBasic || options.pass_authorization_header
  const ownNames = setsAuthorization
    ? [...namesInBothSpellings, 'authorization']
    : namesInBothSpellings
  const isForged = remembered((name) => {
    const folded = foldName(name)
    const isOurs = identityNames.test(folded) || (setsAuthorization && folded === 'authorization')
    return isOurs && !ownNames.includes(name.toLowerCase())
  }, rememberedNames)

  function basic({ user, email }: Session['identity']): string {
    const name = options.prefer_email_to_user ? email : user
    return name === '' ? '' : `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  }

  function response({ identity, tokens }: Session): Readonly<Record<string, string>> {
    const { user, email, groups, preferredUsername } = identity
    return present({
      'x-auth-request-user': options.set_xauthrequest && user,
      'x-auth-request-email': options.set_xauthrequest && email,
      'x-auth-request-preferred-username': options.set_xauthrequest && preferredUsername,
      'x-auth-request-groups': options.set_xauthrequest && groups.join(','),
      'x-auth-request-access-token':
        options.set_xauthrequest && options.pass_access_token && tokens.accessToken,
      authorization:
        (options.set_authorization_header && bearer(tokens.idToken)) ||
        (options.set_basic_auth && password !== '' && basic(identity)),
      'gap-auth': email || user,
    })
  }

  return {
    // A session never changes: a refreshed one is another object.
    response: oncePer(response),
    names: ownNames,
    upstream({ identity, tokens }) {
      const { user, email, groups, preferredUsername } = identity
      const passesUser = options.pass_user_headers || options.pass_basic_auth
      const prefersEmail = options.prefer_email_to_user
      return present({
        'x-forwarded-user': passesUser && (prefersEmail ? email : user),
        'x-forwarded-email': passesUser && !prefersEmail && email,
        'x-forwarded-groups': passesUser && groups.join(','),
        'x-forwarded-preferred-username': passesUser && preferredUsername,
        'x-forwarded-access-token': options.pass_access_token && tokens.accessToken,
        authorization:
          (options.pass_authorization_header && bearer(tokens.idToken)) ||
          (passesBasic && basic(identity)),
      })
    },
    unsetNames: (set) => ownNames.filter((name) => set[name] === undefined),
    forgedNames: (client) => Object.keys(client).filter(isForged),
    isIdentityHeader(name) {
      const folded = foldName(name)
      return identityNames.test(folded) || (passesAuthorization && folded === 'authorization')
    },
  }
}

const rememberedNames = 10_000

/** Everything that could be taken for an identity of ours, whether an option sends it or not. */
const identityNames =
  /^(?:x-auth-request-.+|x-forwarded-(?:user|email|groups|preferred-username|access-token)|gap-auth|gap-signature)$/

const claims = ['user', 'email', 'groups', 'preferred-username', 'access-token']
const names = [
  ...claims.flatMap((claim) => [`x-auth-request-${claim}`, `x-forwarded-${claim}`]),
  'gap-auth',
  'gap-signature',
]
const namesInBothSpellings = names.flatMap((name) => [name, name.replaceAll('-', '_')])

function bearer(token: string): string {
  return token === '' ? '' : `Bearer ${token}`
}

/** Leaves out what is switched off, empty, or no text for a header. */
function present(
  candidates: Readonly<Record<string, string | false>>,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(candidates)) {
    const text = value === false ? undefined : headerText(value)
    if (text) headers[name] = text
  }
  return headers
}
