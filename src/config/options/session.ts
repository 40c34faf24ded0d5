import { option, ourOption } from '../option.ts'
import { boolean, positiveDuration } from '../kinds/scalar.ts'
import { enumeration } from '../kinds/text.ts'

/** Where sessions live. */
export const sessionOptions = {
  session_store_type: option(enumeration(['cookie', 'redis', 'memory']), {
    default: 'cookie',
    help:
      'Where sessions live: sealed in the `cookie`, in `redis`, or (ours) in `memory` of this one ' +
      'process, for development.',
  }),
  session_cookie_minimal: option(boolean, {
    default: false,
    help: 'Keep no tokens in the session: smaller cookies, but no refresh and no token headers.',
  }),
  revocation_max_age: ourOption(positiveDuration, {
    default: '30s',
    help:
      'With sessions in cookies and a Redis besides: how long they pass while the list of revoked ' +
      'ones cannot be read; then checks answer 503.',
  }),
  store_timeout: ourOption(positiveDuration, {
    default: '2s',
    help: 'How long one call to the session store may take.',
  }),
}
