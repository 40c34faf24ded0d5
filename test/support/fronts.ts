import type { AuthRequest } from '../../src/core/auth-request.ts'
import type { Decision } from '../../src/core/decision.ts'
import type { RawRequest } from '../../src/core/http.ts'
import type { Session } from '../../src/core/session.ts'
import type { AnswerParts, FrontRead } from '../../src/fronts/front.ts'
import { createProxyTrust, type ProxyTrust } from '../../src/fronts/trust.ts'
import { privateRanges } from '../../src/lib/ip.ts'

export const gateway = '10.0.0.7'
export const stranger = '203.0.113.9'

/** Trusts the private networks, as Sallyport does when nothing else is configured. */
export function privateTrust(reverse_proxy = true): ProxyTrust {
  return createProxyTrust({
    reverse_proxy,
    trusted_proxy_ips: privateRanges,
    real_client_ip_header: 'X-Forwarded-For',
  })
}

/** A request of the gateway. */
export function rawRequest(parts: Partial<RawRequest> = {}): RawRequest {
  return { method: 'GET', url: '/', headers: {}, peer: gateway, requestId: 'req-1', ...parts }
}

/** What was read, as plain data; throws the message of a refusal. */
export function accepted(read: FrontRead): AuthRequest {
  if (!read.ok) throw new Error(read.message)
  const { front, method, scheme, host, uri, rulePath, clientIp } = read.request
  const { cookieHeader, origin, referer, authorization } = read.request
  const { canRedirect, isBackground, limits, requestId } = read.request
  const said = { front, method, scheme, host, uri, rulePath, clientIp, cookieHeader }
  const rest = { canRedirect, isBackground, limits, requestId }
  return { ...said, origin, referer, authorization, ...rest }
}

export const session: Session = {
  id: 'session-1',
  identity: {
    user: '3b9c1f7e-5c3f-4a5e-9a55-0f3d0f4c8a11',
    email: 'alice@example.com',
    groups: ['staff', 'ops'],
    preferredUsername: 'alice',
  },
  tokens: { accessToken: 'access-token', idToken: 'id-token', refreshToken: 'refresh-token' },
  providerSid: '',
  browser: { address: '', userAgent: '' },
  createdAt: 1,
  generation: 0,
  refreshedAt: 1,
  activeAt: 1,
  expiresAt: 0,
  tokenExpiresAt: 0,
  idTokenExpiresAt: 0,
}

export const answerParts: AnswerParts = {
  identityHeaders: () => ({ 'x-auth-request-email': 'alice@example.com' }),
  identityHeaderNames: () => ['x-auth-request-email', 'x-auth-request-user'],
  crossOrigin: () => ({}),
  signInUrl: () => 'https://app.example.com/oauth2/sign_in?rd=%2F',
  page: () => ({ html: '<!doctype html><p>why', csp: "default-src 'none'" }),
}

const cookies = [
  { name: '_oauth2_proxy', value: '', path: '/', maxAgeSeconds: 0, httpOnly: true, secure: true },
]

export const decisions = {
  allow: { outcome: 'allow', reason: 'session', session, cookies },
  anonymous: { outcome: 'allow', reason: 'skipped-route', session: undefined, cookies: [] },
  login: { outcome: 'login', reason: 'session-expired', cookies },
  deny: { outcome: 'deny', reason: 'group-missing', session, cookies },
  unavailable: { outcome: 'unavailable', reason: 'store-unavailable' },
} as const satisfies Record<string, Decision>
