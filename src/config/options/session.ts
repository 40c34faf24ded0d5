import { option, ourOption } from '../option.ts'
import { boolean, duration, positiveDuration, positiveInteger } from '../kinds/scalar.ts'
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
  session_watch_interval: ourOption(positiveDuration, {
    default: '10s',
    help:
      'In proxy mode: how often it is looked whether the sessions of open WebSockets and downloads ' +
      'live; those of ended ones are cut.',
  }),
  revocation_max_age: ourOption(positiveDuration, {
    default: '30s',
    help:
      'With sessions in cookies and a Redis besides: how long they pass while the list of revoked ' +
      'ones cannot be read; then checks answer 503.',
  }),
  session_idle_timeout: ourOption(duration, {
    default: '0s',
    help:
      'A session ends when its person was away so long; it is looked at with an accuracy of a ' +
      'twentieth, at most 30s. 0 = never. With the cookie store gateways must relay its cookie.',
  }),
  session_idle_navigation_only: ourOption(boolean, {
    default: false,
    help:
      'Only navigations keep a session from being idle, not what a page asks for by itself, as ' +
      'Fetch Metadata (`Sec-Fetch-Mode`) shows. Requests without it count.',
  }),
  access_token_refresh_before: ourOption(duration, {
    default: '1m',
    help:
      'With `cookie_refresh`: how long before the end of the access token it is refreshed in the ' +
      'background (at most half of its life), so that no request waits. 0 = not before it is over.',
  }),
  id_token_refresh_before: ourOption(duration, {
    default: '0s',
    help:
      'With `cookie_refresh`: the same for the ID token, for apps that get it in a header. 0 = its ' +
      'end is not looked at.',
  }),
  session_cache_size: ourOption(positiveInteger, {
    default: 64,
    help:
      'MiB that opened sessions may take in memory, so that they need not be opened or read again. ' +
      'Those that were not used lately are forgotten first.',
  }),
  session_cache_time: ourOption(positiveDuration, {
    default: '1m',
    help: 'How long a session in Redis is used from memory before it is read again, as long as Redis tells of changes.',
  }),
  session_cache_blind_time: ourOption(positiveDuration, {
    default: '900ms',
    help:
      'The same while Redis cannot tell of changes, or has not been heard of. So late may a ' +
      'sign-out elsewhere work here at the worst.',
  }),
  session_store_grace: ourOption(duration, {
    default: '0s',
    help:
      'How much longer the sessions in memory keep passing while Redis is away. Whoever was signed ' +
      'out meanwhile, or just before, passes too. 0 = they do not.',
  }),
  store_timeout: ourOption(positiveDuration, {
    default: '2s',
    help: 'How long one call to the session store may take.',
  }),
}
