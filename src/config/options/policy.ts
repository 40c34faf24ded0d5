import { option, unserved } from '../option.ts'
import { emailDomains, returnDomains } from '../kinds/domain.ts'
import { names, strings } from '../kinds/list.ts'
import { ipRanges } from '../kinds/network.ts'
import { patterns, skipPatterns, skipRoutes } from '../kinds/pattern.ts'
import { jwtIssuers } from '../kinds/provider.ts'
import { boolean } from '../kinds/scalar.ts'
import { text } from '../kinds/text.ts'

/** Who may pass, and what passes without sign-in. */
export const policyOptions = {
  email_domains: option(emailDomains, {
    flag: 'email-domain',
    default: [],
    help:
      'Domains whose e-mail addresses may pass; `.example.com` means the subdomains only, `*` ' +
      'everyone the provider knows.',
  }),
  authenticated_emails_file: option(text, {
    default: '',
    help: 'File of e-mail addresses that may pass, one a line; read again when it changes.',
  }),
  allowed_groups: option(names, {
    flag: 'allowed-group',
    default: [],
    help: 'Groups of which a person must be in at least one. Empty = no such rule.',
  }),
  whitelist_domains: option(returnDomains, {
    flag: 'whitelist-domain',
    default: [],
    help:
      'Hosts that a sign-in or sign-out may return to, besides its own; `.example.com` includes ' +
      'subdomains, `:PORT` or `:*` names the port.',
  }),
  skip_auth_routes: option(skipRoutes, {
    flag: 'skip-auth-route',
    default: [],
    help:
      'What passes without sign-in: `METHOD=REGEX`, `METHOD!=REGEX` or `REGEX` (RE2), matched ' +
      'anywhere in the decoded path unless it starts with `^`.',
  }),
  skip_auth_regex: option(skipPatterns, {
    default: [],
    help: 'As `skip_auth_routes`, for any method.',
  }),
  skip_auth_preflight: option(boolean, {
    default: false,
    help: 'OPTIONS requests pass without sign-in.',
  }),
  trusted_ips: option(ipRanges, {
    flag: 'trusted-ip',
    default: [],
    help: 'Client addresses that pass without sign-in.',
  }),
  api_routes: option(patterns, {
    flag: 'api-route',
    default: [],
    help: 'Paths (RE2) of which an unauthenticated request gets 401 instead of a sign-in.',
  }),
  force_json_errors: option(boolean, {
    default: false,
    help: 'Answer 401 and 403 as JSON, never with a page or a redirect.',
  }),
  skip_provider_button: option(boolean, {
    default: false,
    help: 'Go straight to the provider instead of showing the sign-in page first.',
  }),
  htpasswd_file: unserved(text, { default: '', help: 'File of local users and passwords.' }),
  htpasswd_user_groups: unserved(strings, {
    flag: 'htpasswd-user-group',
    default: [],
    help: 'Groups of those users.',
  }),
  skip_jwt_bearer_tokens: option(boolean, {
    default: false,
    help: 'Let requests pass by a JWT of the provider in `Authorization` instead of a session.',
  }),
  bearer_token_login_fallback: option(boolean, {
    default: true,
    help: 'With `skip_jwt_bearer_tokens`: without a good token the session counts. False = 403.',
  }),
  extra_jwt_issuers: option(jwtIssuers, {
    default: [],
    help: 'With `skip_jwt_bearer_tokens`: further issuers of tokens, as `issuer=audience`.',
  }),
}
