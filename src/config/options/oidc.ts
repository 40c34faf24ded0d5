import { option, unserved } from '../option.ts'
import { strings } from '../kinds/list.ts'
import { boolean } from '../kinds/scalar.ts'
import { signingAlgorithms } from '../kinds/provider.ts'
import { text } from '../kinds/text.ts'
import { providerUrl } from '../kinds/url.ts'

/** OpenID Connect: discovery, tokens and claims. */
export const oidcOptions = {
  oidc_issuer_url: option(providerUrl, {
    default: '',
    help: 'The issuer, exactly as the provider spells it; its endpoints are discovered from it.',
  }),
  skip_oidc_discovery: option(boolean, {
    default: false,
    help: 'Do not discover: use `login_url`, `redeem_url`, `oidc_jwks_url` and `profile_url`.',
  }),
  oidc_jwks_url: option(providerUrl, {
    default: '',
    help: 'Where the signing keys are, for `skip_oidc_discovery`.',
  }),
  oidc_public_key_files: unserved(strings, {
    flag: 'oidc-public-key-file',
    default: [],
    help: 'Signing keys as files, instead of `oidc_jwks_url`.',
  }),
  oidc_enabled_signing_algs: option(signingAlgorithms, {
    flag: 'oidc-enabled-signing-alg',
    default: [],
    help: 'Signature algorithms to accept in ID tokens. Empty = what the provider announces.',
  }),
  oidc_email_claim: option(text, {
    default: 'email',
    help: 'Claim that holds the e-mail address; dots reach into objects.',
  }),
  oidc_groups_claim: option(text, {
    default: 'groups',
    help: 'Claim that holds the groups; dots reach into objects.',
  }),
  user_id_claim: option(text, {
    default: 'email',
    help:
      'Older name of `oidc_email_claim`; counts while that is `email`. With `sub`, the subject ' +
      'takes the place of the e-mail address.',
  }),
  oidc_audience_claims: option(strings, {
    flag: 'oidc-audience-claim',
    default: ['aud'],
    help: 'Claims that may hold the audience; the first one present decides.',
  }),
  oidc_extra_audiences: option(strings, {
    flag: 'oidc-extra-audience',
    default: [],
    help: 'Audiences to accept besides `client_id`.',
  }),
  insecure_oidc_allow_unverified_email: option(boolean, {
    default: false,
    help: 'Let people in whose e-mail address the provider says is not verified. Insecure.',
  }),
  insecure_oidc_skip_issuer_verification: unserved(boolean, {
    default: false,
    help: 'Accept tokens of any issuer. Insecure.',
  }),
  insecure_oidc_skip_nonce: option(boolean, {
    default: true,
    help: 'No effect: a nonce is always sent and always checked.',
  }),
}
