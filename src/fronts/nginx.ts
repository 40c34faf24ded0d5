// nginx `auth_request`, ingress-nginx `auth-url` and whatever spoke to oauth2-proxy's `/oauth2/auth`.
import { header, type RawRequest, type RequestHeaders } from '../core/http.ts'
import { bareAnswer } from './answers.ts'
import type { Front } from './front.ts'
import {
  asHost,
  asMethod,
  asScheme,
  asUri,
  asUrl,
  askedMethod,
  readHeld,
  type OriginalRequest,
} from './original-request.ts'
import type { ProxyTrust } from './trust.ts'

/**
 * ingress-nginx sets `X-Original-URL` and `X-Original-Method`, and passes the client's own
 * `X-Forwarded-Uri` on; plain nginx set up as for oauth2-proxy sets `X-Forwarded-Uri`, and passes
 * the client's own `X-Original-*` on. So with both there, a route is skipped only when they agree.
 * A check that names no request asks about the session alone.
 */
export function createNginxFront({ trust }: { readonly trust: ProxyTrust }): Front {
  return {
    name: 'nginx',
    read(raw) {
      return readHeld('nginx', readOriginal(raw, trust), raw, trust)
    },
    answer: bareAnswer(202),
  }
}

function readOriginal({ method, headers, peer }: RawRequest, trust: ProxyTrust): OriginalRequest {
  const originalUrl = header(headers, 'x-original-url')
  const original = !trust.isTrustedPeer(peer)
    ? undefined
    : originalUrl !== undefined
      ? fromOriginal(originalUrl, method, headers)
      : trust.isForwarded(peer)
        ? fromForwarded(method, headers)
        : undefined
  return original ?? { method, scheme: 'http', host: '', uri: '' }
}

function fromOriginal(
  url: string,
  ownMethod: string,
  headers: RequestHeaders,
): OriginalRequest | undefined {
  const original = asUrl(url)
  const method = asMethod(header(headers, 'x-original-method') ?? ownMethod)
  if (original === undefined || method === undefined) return undefined
  const forwardedUri = header(headers, 'x-forwarded-uri')
  if (forwardedUri === undefined) return { ...original, method }
  const agrees = forwardedUri === original.uri && method === ownMethod
  return { ...original, method: ownMethod, isUncertain: !agrees }
}

function fromForwarded(ownMethod: string, headers: RequestHeaders): OriginalRequest | undefined {
  const uri = asUri(header(headers, 'x-forwarded-uri'))
  if (uri === undefined) return undefined
  const scheme = asScheme(header(headers, 'x-forwarded-proto')) ?? 'http'
  const host = asHost(header(headers, 'x-forwarded-host')) ?? asHost(header(headers, 'host')) ?? ''
  const method = askedMethod(ownMethod, headers)
  return { method, scheme, host, uri }
}
