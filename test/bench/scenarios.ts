import type { Gateway } from './requests.ts'

export type ServiceName =
  'cookie' | 'cookie-first' | 'quiet' | 'bearer' | 'memory' | 'redis' | 'redis-first'

export interface Scenario {
  readonly name: string
  /** Part of a quick run. */
  readonly isMain?: true
  /** Which service answers: scenarios share one unless they would disturb each other. */
  readonly service: ServiceName
  readonly gateway: Gateway
  readonly status: number
  /**
   * What the browsers bring: the session of one, of a thousand in turn, a session never shown
   * before at each request, a cookie that does not open, a bearer token instead, or nothing.
   */
  readonly cookies: 'one' | 'thousand' | 'new' | 'spoiled' | 'bearer' | 'none'
}

const seen = { gateway: 'nginx', status: 202, cookies: 'one' } as const
const refused = { gateway: 'nginx', status: 401, service: 'cookie' } as const

export const scenarios: readonly Scenario[] = [
  { ...seen, name: 'session in the cookie', service: 'cookie', isMain: true },
  { ...seen, name: 'session in Redis', service: 'redis', isMain: true },
  { ...seen, name: 'session in memory', service: 'memory' },
  {
    ...seen,
    name: 'session in the cookie, 1,000 in turn',
    service: 'cookie',
    cookies: 'thousand',
  },
  { ...seen, name: 'session in Redis, 1,000 in turn', service: 'redis', cookies: 'thousand' },
  {
    ...seen,
    name: 'session in the cookie, first sight',
    service: 'cookie-first',
    cookies: 'new',
    isMain: true,
  },
  {
    ...seen,
    name: 'session in Redis, first sight',
    service: 'redis-first',
    cookies: 'new',
    isMain: true,
  },
  { ...refused, name: 'no cookie', cookies: 'none', isMain: true },
  { ...refused, name: 'a cookie that does not open', cookies: 'spoiled', isMain: true },
  { ...seen, name: 'bearer JWT', service: 'bearer', cookies: 'bearer', isMain: true },
  {
    ...seen,
    name: 'session in the cookie, a connection per check',
    service: 'cookie',
    gateway: 'nginx-default',
  },
  {
    ...seen,
    name: 'session in the cookie, Traefik',
    service: 'cookie',
    gateway: 'traefik',
    status: 200,
  },
  {
    ...seen,
    name: 'session in the cookie, Envoy',
    service: 'cookie',
    gateway: 'envoy',
    status: 200,
  },
  { ...seen, name: 'session in the cookie, nothing logged', service: 'quiet' },
]

export function storeOf(service: ServiceName): 'cookie' | 'memory' | 'redis' {
  switch (service) {
    case 'cookie':
    case 'cookie-first':
    case 'quiet':
    case 'bearer':
      return 'cookie'
    case 'memory':
      return 'memory'
    case 'redis':
    case 'redis-first':
      return 'redis'
  }
}

/**
 * The same question to oauth2-proxy; undefined where it has no answer. It keeps nothing of a
 * session between checks, so that it does not matter to it who came before.
 */
export function forOauth2Proxy(scenario: Scenario): Scenario | undefined {
  const { service, gateway, cookies } = scenario
  const store = storeOf(service)
  if (store === 'memory') return undefined
  const hasOwnPath = gateway === 'traefik' || gateway === 'envoy'
  return {
    ...scenario,
    service: service === 'quiet' || service === 'bearer' ? service : store,
    gateway: hasOwnPath ? `${gateway}-oauth2-proxy` : gateway,
    status: hasOwnPath ? 202 : scenario.status,
    cookies: cookies === 'thousand' || cookies === 'new' ? 'one' : cookies,
  }
}
