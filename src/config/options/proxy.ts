import { option, ourOption, unserved } from '../option.ts'
import { clientIpHeader, ipRanges } from '../kinds/network.ts'
import { boolean } from '../kinds/scalar.ts'
import { secret } from '../kinds/text.ts'
import { origins, pathPrefix, urlOrPath } from '../kinds/url.ts'

/** How the service stands towards its gateway and the browser. */
export const proxyOptions = {
  proxy_prefix: option(pathPrefix, {
    default: '/oauth2',
    help: 'Path under which our own endpoints live, without a slash at its end.',
  }),
  redirect_url: option(urlOrPath, {
    default: '',
    help:
      'Where the provider sends the browser after sign-in. Empty = `/callback` under ' +
      '`proxy_prefix` on the host that the browser addressed.',
  }),
  relative_redirect_url: unserved(boolean, {
    default: false,
    help: 'Send the redirect URL to the provider without scheme and host.',
  }),
  reverse_proxy: option(boolean, {
    default: false,
    help: 'A gateway stands in front: believe the `X-Forwarded-*` headers of trusted proxies.',
  }),
  real_client_ip_header: option(clientIpHeader, {
    default: 'X-Real-IP',
    help: 'With `reverse_proxy`: the header in which a trusted proxy names the client.',
  }),
  trusted_proxy_ips: option(ipRanges, {
    flag: 'trusted-proxy-ip',
    default: [],
    help:
      'With `reverse_proxy`: the peers whose forwarded headers count. Empty = private, loopback ' +
      'and link-local networks (in oauth2-proxy: everyone).',
  }),
  cors_allowed_origins: ourOption(origins, {
    flag: 'cors-allowed-origin',
    default: [],
    help:
      'Origins (`https://spa.example.com`) whose scripts may read that they must sign in or may not ' +
      'pass: CORS headers on 401, 403 and 503 for scripts. What the app itself answers is the app’s.',
  }),
  force_https: option(boolean, {
    default: false,
    help: 'Redirect plain http requests to https.',
  }),
  ssl_insecure_skip_verify: option(boolean, {
    default: false,
    help: 'Accept any certificate of the provider and of https upstreams. Insecure.',
  }),
  allow_query_semicolons: unserved(boolean, {
    default: false,
    help: 'Take `;` for a separator of query parameters.',
  }),
  encode_state: option(boolean, {
    default: false,
    help: 'No effect: the state that travels through the provider is always opaque.',
  }),
  signature_key: unserved(secret, {
    default: '',
    help: 'Sign requests to upstreams (`algorithm:secret`).',
  }),
}
