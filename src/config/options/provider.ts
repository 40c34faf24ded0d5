import { option, ourOption, unserved } from '../option.ts'
import { names } from '../kinds/list.ts'
import { providerName, scope } from '../kinds/provider.ts'
import { boolean, positiveDuration } from '../kinds/scalar.ts'
import { clientId, clientSecret, enumeration, text } from '../kinds/text.ts'
import { httpUrl, providerUrl } from '../kinds/url.ts'

const challengeMethod = enumeration(['', 'S256'])

/** The identity provider and our registration there. */
export const providerOptions = {
  provider: option(providerName, {
    default: 'google',
    help:
      'Any provider that speaks OpenID Connect is `oidc`. `keycloak-oidc` adds roles, `entra-id` ' +
      'tenants, `google` its issuer.',
  }),
  provider_display_name: option(text, {
    default: '',
    help: 'Name of the provider on the sign-in page.',
  }),
  client_id: option(clientId, {
    default: '',
    help: 'Our id at the provider; also the audience that ID tokens must have.',
  }),
  client_secret: option(clientSecret, {
    default: '',
    help: 'Our secret at the provider. A public client with PKCE (S256) has none.',
  }),
  client_secret_file: option(text, {
    default: '',
    help:
      'File that holds the client secret, read again when it changes. Used when `client_secret` ' +
      'is empty.',
  }),
  client_assertion_file: ourOption(text, {
    default: '',
    help:
      'File that holds a JWT by which the provider knows us in place of a client secret (RFC 7523), ' +
      'such as a projected service account token; read again when it changes.',
  }),
  scope: option(scope, {
    default: '',
    help:
      'Scopes to ask for, separated by spaces. Empty = `openid email profile`, and `groups` with ' +
      '`allowed_groups`.',
  }),
  prompt: option(text, {
    default: '',
    help: 'The `prompt` parameter of sign-ins, for example `login` or `select_account`.',
  }),
  approval_prompt: option(text, {
    default: 'force',
    help: 'The `approval_prompt` parameter of sign-ins; not sent when `prompt` is set.',
  }),
  acr_values: option(text, {
    default: '',
    help: 'The `acr_values` parameter of sign-ins.',
  }),
  code_challenge_method: option(challengeMethod, {
    default: '',
    help: 'PKCE: `S256` or empty (the weak method `plain` is refused).',
  }),
  force_code_challenge_method: option(challengeMethod, {
    default: '',
    help: 'Older name of `code_challenge_method`; counts when that is empty.',
  }),
  auth_request_response_mode: unserved(text, {
    default: '',
    help: 'The `response_mode` parameter of sign-ins.',
  }),
  login_url: option(providerUrl, {
    default: '',
    help: 'Authorization endpoint, for `skip_oidc_discovery`.',
  }),
  redeem_url: option(providerUrl, {
    default: '',
    help: 'Token endpoint, for `skip_oidc_discovery`.',
  }),
  profile_url: option(providerUrl, {
    default: '',
    help: 'Userinfo endpoint, for `skip_oidc_discovery`.',
  }),
  skip_claims_from_profile_url: option(boolean, {
    default: false,
    help: 'Do not ask the userinfo endpoint for claims that the ID token lacks.',
  }),
  validate_url: unserved(text, { default: '', help: 'Endpoint that validates access tokens.' }),
  provider_ca_files: option(names, {
    flag: 'provider-ca-file',
    default: [],
    help:
      'Certificates (PEM) that the provider may be signed by, instead of those that Node.js ' +
      'trusts; read again when they change.',
  }),
  use_system_trust_store: option(boolean, {
    default: false,
    help:
      'For the provider: trust the certificates of the operating system and of Node.js besides ' +
      '`provider_ca_files`.',
  }),
  provider_timeout: ourOption(positiveDuration, {
    default: '10s',
    help: 'How long one call to the provider may take.',
  }),
  backend_logout_url: option(httpUrl, {
    default: '',
    help: 'Called on sign-out from here, not by the browser; `{id_token}` is replaced.',
  }),
  provider_logout: ourOption(boolean, {
    default: true,
    help: 'Sign-out also ends the session at the provider (its end-session endpoint), if it can.',
  }),
  post_logout_redirect_url: ourOption(httpUrl, {
    default: '',
    help:
      'Where the provider sends the browser after sign-out; register it there. Empty = where the ' +
      'sign-out was asked to return to.',
  }),
}
