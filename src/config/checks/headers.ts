import { error, rule, type Rule } from './rule.ts'

/** One direction carries one `Authorization` header. */
export const headerRules: readonly Rule[] = [
  rule(
    ['set_basic_auth', 'basic_auth_password'],
    ({ set_basic_auth, basic_auth_password }) =>
      set_basic_auth &&
      basic_auth_password.reveal() === '' &&
      error('set_basic_auth', 'needs a basic_auth_password', 'set one'),
  ),
  rule(
    ['set_basic_auth', 'set_authorization_header'],
    ({ set_basic_auth, set_authorization_header }) =>
      set_basic_auth &&
      set_authorization_header &&
      error(
        'set_authorization_header',
        'and set_basic_auth would both set Authorization',
        'remove one of the two',
      ),
  ),
  rule(
    ['pass_basic_auth', 'basic_auth_password', 'pass_authorization_header'],
    ({ pass_basic_auth, basic_auth_password, pass_authorization_header }) =>
      pass_basic_auth &&
      basic_auth_password.reveal() !== '' &&
      pass_authorization_header &&
      error(
        'pass_authorization_header',
        'and pass_basic_auth with its basic_auth_password would both set Authorization',
        'remove basic_auth_password, or set pass_basic_auth = false',
      ),
  ),
  rule(
    ['skip_auth_strip_headers'],
    ({ skip_auth_strip_headers }) =>
      !skip_auth_strip_headers &&
      error(
        'skip_auth_strip_headers',
        'is false, which would let clients forge identity headers, and is not served',
        'remove it',
      ),
  ),
]
