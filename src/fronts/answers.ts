// Answers as data, and the ones that gateways pass on to the browser whole.
import type { SetCookie } from '../core/cookie.ts'
import { pageHeaders, type HttpAnswer, type Page } from '../core/http.ts'
import { oncePer } from '../lib/once-per.ts'
import type { Front } from './front.ts'

type Headers = Readonly<Record<string, string>>

/** SEC-34: no gateway and no browser keeps an answer. */
const always: Headers = { 'cache-control': 'no-store' }

/** RFC 9110 11.6.1: a 401 names a way to authenticate. */
const challenge: Headers = { 'www-authenticate': 'Bearer realm="sallyport"' }

/** Seconds, about what a failover of a store takes. */
const retryLater: Headers = { 'retry-after': '5' }

const textHeaders: Headers = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
}

function answer(
  status: number,
  headers: Headers,
  cookies: readonly SetCookie[],
  body = '',
): HttpAnswer {
  return { status, headers: { ...always, ...headers }, cookies, body }
}

/** As oauth2-proxy's plain errors: the status text and a newline. */
function textAnswer(
  status: number,
  text: string,
  headers: Headers,
): (cookies: readonly SetCookie[]) => HttpAnswer {
  const plain = answer(status, { ...textHeaders, ...headers }, [], `${text}\n`)
  return (cookies) => withCookies(plain, cookies)
}

function withCookies(plain: HttpAnswer, cookies: readonly SetCookie[]): HttpAnswer {
  return cookies.length === 0 ? plain : { ...plain, cookies }
}

const unauthorizedPerson = textAnswer(401, 'Unauthorized', {})
const unauthorized = textAnswer(401, 'Unauthorized', challenge)
const forbidden = textAnswer(403, 'Forbidden', {})
const serviceUnavailable = textAnswer(503, 'Service Unavailable', retryLater)

/**
 * For nginx `auth_request`, which knows 2xx, 401 and 403, turns the rest into 500 and relays no body.
 */
export function bareAnswer(allowed: 200 | 202): Front['answer'] {
  // The same headers, those of one session, come again and again.
  const plainAllow = oncePer((headers: Headers) => answer(allowed, headers, []))
  return (decision, request, parts) => {
    switch (decision.outcome) {
      case 'allow':
        return withCookies(plainAllow(parts.identityHeaders()), decision.cookies)
      case 'login':
        // nginx copies the challenge to the redirect that it makes of this, where it has no place.
        return (request.canRedirect ? unauthorizedPerson : unauthorized)(decision.cookies)
      case 'deny':
        return forbidden(decision.cookies)
      case 'unavailable':
        return serviceUnavailable([])
    }
  }
}

/**
 * For a gateway that relays every answer but an allow: people are led on, scripts get JSON, whose
 * body `toBody` makes of a word.
 */
export function relayedAnswer(toBody: (error: string) => object): Front['answer'] {
  return (decision, request, parts) => {
    switch (decision.outcome) {
      case 'allow':
        return answer(200, parts.identityHeaders(), decision.cookies)
      case 'login':
        return request.canRedirect
          ? answer(302, { location: parts.signInUrl() }, decision.cookies)
          : jsonAnswer(
              401,
              toBody('unauthenticated'),
              { ...challenge, ...parts.crossOrigin() },
              decision.cookies,
            )
      case 'deny':
        return request.canRedirect
          ? pageAnswer(403, parts.page(), {}, decision.cookies)
          : jsonAnswer(403, toBody('forbidden'), parts.crossOrigin(), decision.cookies)
      case 'unavailable':
        return request.canRedirect
          ? pageAnswer(503, parts.page(), retryLater, [])
          : jsonAnswer(503, toBody('unavailable'), { ...retryLater, ...parts.crossOrigin() }, [])
    }
  }
}

function pageAnswer(
  status: number,
  page: Page,
  headers: Headers,
  cookies: readonly SetCookie[],
): HttpAnswer {
  return answer(status, { ...pageHeaders(page), ...headers }, cookies, page.html)
}

function jsonAnswer(
  status: number,
  body: object,
  headers: Headers,
  cookies: readonly SetCookie[],
): HttpAnswer {
  const all = { 'content-type': 'application/json', ...headers }
  return answer(status, all, cookies, JSON.stringify(body))
}
