import { cookieName } from '../../../../src/config/kinds/cookie-name.ts'
import { cookieDomains, emailDomains, returnDomains } from '../../../../src/config/kinds/domain.ts'
import {
  jwtIssuers,
  providerName,
  scope,
  signingAlgorithms,
} from '../../../../src/config/kinds/provider.ts'
import { redisUrl, redisUrls } from '../../../../src/config/kinds/redis-url.ts'
import { accepts, refuses, warns } from './kind-cases.ts'

const taken = (...entries: readonly string[]) => entries.map((entry) => [[entry], [entry]] as const)

accepts('e-mail domains', emailDomains, taken('*', 'example.com', '.example.com', '*.example.com'))
refuses('e-mail domains', emailDomains, [
  ['a.example, b.example', /^entry 2 is not a domain/],
  ['me@example.com', /not a domain/],
  ['@example.com', /not a domain/],
  ['https://example.com', /not a domain/],
  ['exa*mple.com', /not a domain/],
  [['a.example', ''], /^entry 2/],
])

accepts(
  'return domains',
  returnDomains,
  taken('example.com', '.example.com:443', '*.example.com:*', 'localhost:8080', '[::1]:80'),
)
warns('return domains', returnDomains, [['*', /allows no host/]])
refuses('return domains', returnDomains, [
  ['https://example.com', /not host/],
  ['example.com/path', /not host/],
  ['example.com:port', /not host/],
  ['a.example, b.example', /^entry 2/],
])

accepts('cookie domains', cookieDomains, taken('example.com', '.example.com', 'example.com:8443'))
refuses('cookie domains', cookieDomains, [
  ['*.example.com', /not a domain/],
  ['example.com; Secure', /not a domain/],
])

accepts('a cookie name', cookieName, [['__Host-session', '__Host-session']])
refuses('a cookie name', cookieName, [
  ['', /not a name/],
  ['a b', /not a name/],
  ['a=b', /not a name/],
  ['a;b', /not a name/],
  ['a'.repeat(257), /longer than 256/],
])

accepts(
  'the provider',
  providerName,
  ['oidc', 'google', 'keycloak-oidc', 'entra-id'].map((name) => [name, name] as const),
)
refuses('the provider', providerName, [
  ['github', /none of the providers served/],
  ['', /none of the providers served/],
])

accepts('the scope', scope, [
  ['', ''],
  ['openid email', 'openid email'],
])
refuses('the scope', scope, [['email', /lacks openid/]])

accepts('signing algorithms', signingAlgorithms, taken('RS256', 'EdDSA'))
refuses('signing algorithms (SEC-18)', signingAlgorithms, [
  [['RS256', 'HS256'], /^entry 2 is not an accepted/],
  ['none', /not an accepted/],
])

accepts(
  'a Redis URL',
  redisUrl,
  ['', 'redis://r:6379', 'rediss://u:p@r:6379/1', 'unix:///run/r.sock', 'unix://u:p@/r'].map(
    (url) => [url, url] as const,
  ),
)
accepts('Redis URLs', redisUrls, [
  ['redis://a,rediss://b:1', ['redis://a', 'rediss://b:1']],
  ['', []],
])
refuses('Redis URLs', redisUrls, [
  ['redis://a,b:1', /^entry 2 is not a Redis URL/],
  [['unix:///run/r.sock'], /not a Redis URL/],
])
refuses('a Redis URL', redisUrl, [
  ['r:6379', /not a Redis URL/],
  ['http://r', /not a Redis URL/],
  ['redis://:p%zz@r', /not a Redis URL/],
  ['redis://', /not a Redis URL/],
  ['unix://relative', /not a Redis URL/],
])

accepts('issuers of bearer tokens', jwtIssuers, [
  [
    'https://a.example=one,https://b.example/realm=two',
    [
      { issuer: 'https://a.example', audience: 'one' },
      { issuer: 'https://b.example/realm', audience: 'two' },
    ],
  ],
])
warns('issuers of bearer tokens', jwtIssuers, [['http://a.example=one', /plain http/]])
refuses('issuers of bearer tokens', jwtIssuers, [
  ['https://a.example', /not issuer=audience/],
  ['https://a.example=', /not issuer=audience/],
  ['=one', /not issuer=audience/],
  ['https://a.example=one=two', /not issuer=audience/],
  ['a.example=one', /not an absolute URL/],
])
