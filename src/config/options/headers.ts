import { option } from '../option.ts'
import { boolean } from '../kinds/scalar.ts'
import { secret } from '../kinds/text.ts'

/** Identity headers: `set_*` in answers to the gateway, `pass_*` in requests to upstreams. */
export const headerOptions = {
  set_xauthrequest: option(boolean, {
    default: false,
    help: 'Answer with `X-Auth-Request-User`, `-Email`, `-Groups` and `-Preferred-Username`.',
  }),
  set_authorization_header: option(boolean, {
    default: false,
    help: 'Answer with `Authorization: Bearer` and the ID token.',
  }),
  set_basic_auth: option(boolean, {
    default: false,
    help: 'Answer with `Authorization: Basic`, made of the user and `basic_auth_password`.',
  }),
  pass_user_headers: option(boolean, {
    default: true,
    help: 'Send upstreams `X-Forwarded-User`, `-Email`, `-Groups` and `-Preferred-Username`.',
  }),
  pass_basic_auth: option(boolean, {
    default: true,
    help:
      'As `pass_user_headers`, and with a `basic_auth_password` also `Authorization: Basic` to ' +
      'upstreams.',
  }),
  pass_authorization_header: option(boolean, {
    default: false,
    help: 'Send upstreams `Authorization: Bearer` with the ID token.',
  }),
  pass_access_token: option(boolean, {
    default: false,
    help:
      'Send upstreams `X-Forwarded-Access-Token`; with `set_xauthrequest` also answer with ' +
      '`X-Auth-Request-Access-Token`.',
  }),
  prefer_email_to_user: option(boolean, {
    default: false,
    help: 'Put the e-mail address where upstreams and Basic authentication expect the user.',
  }),
  basic_auth_password: option(secret, {
    default: '',
    help: 'The password in `Authorization: Basic`, the same for everyone.',
  }),
  skip_auth_strip_headers: option(boolean, {
    default: true,
    help: 'Remove identity headers that the client sent. Only true is served.',
  }),
}
