// The only place that turns our answers into bytes.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { SetCookie } from '../core/cookie.ts'
import { pageHeaders, type HttpAnswer, type Page } from '../core/http.ts'
import { oncePer } from '../lib/once-per.ts'

/** As oauth2-proxy sends them on everything a browser visits. */
export const noCache: Readonly<Record<string, string>> = {
  'cache-control': 'no-cache, no-store, must-revalidate, max-age=0',
  expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
  'x-accel-expires': '0',
}

export function pageAnswer(
  status: number,
  page: Page,
  cookies: readonly SetCookie[] = [],
): HttpAnswer {
  return { status, headers: { ...noCache, ...pageHeaders(page) }, cookies, body: page.html }
}

export function redirectAnswer(location: string, cookies: readonly SetCookie[] = []): HttpAnswer {
  return { status: 302, headers: { ...noCache, location }, cookies, body: '' }
}

/** The `Set-Cookie` attributes of a cookie, as @fastify/cookie names them. */
function cookieAttributes(cookie: SetCookie) {
  const { path, domain, maxAgeSeconds, httpOnly, secure, sameSite } = cookie
  return {
    path,
    httpOnly,
    secure,
    ...(domain !== undefined && { domain }),
    ...(maxAgeSeconds !== undefined && { maxAge: maxAgeSeconds }),
    ...(sameSite !== undefined && { sameSite }),
    // Our values are base64url and dots; encoding would only make them longer.
    encode: (text: string) => text,
  }
}

export function sendAnswer(reply: FastifyReply, answer: HttpAnswer): FastifyReply {
  for (const cookie of answer.cookies) {
    void reply.setCookie(cookie.name, cookie.value, cookieAttributes(cookie))
  }
  return reply.code(answer.status).headers(answer.headers).send(answer.body)
}

export function serializeCookies(
  app: FastifyInstance,
  cookies: readonly SetCookie[],
): readonly string[] {
  return cookies.map((cookie) =>
    app.serializeCookie(cookie.name, cookie.value, cookieAttributes(cookie)),
  )
}

/** Names and values in turn: what node:http reads with the least detours. */
function toFields({ headers, body }: HttpAnswer): string[] {
  const fields: string[] = []
  for (const name in headers) fields.push(name, headers[name] ?? '')
  fields.push('content-length', String(Buffer.byteLength(body)))
  return fields
}

/** Answers without cookies are often the same one as before. */
const knownFields = oncePer(toFields)

/** For a response that Fastify has let go of. */
export function writeAnswer(
  app: FastifyInstance,
  response: ServerResponse,
  answer: HttpAnswer,
): void {
  const { status, cookies, body } = answer
  // Not the reason phrase of an upstream whose answer could not be passed on.
  response.statusMessage = ''
  response.writeHead(status, cookies.length === 0 ? knownFields(answer) : fieldsWithCookies())
  // One byte a character: head and body go out in one piece, without being encoded.
  response.end(body, Buffer.byteLength(body) === body.length ? 'latin1' : 'utf8')

  function fieldsWithCookies(): string[] {
    const setCookies = serializeCookies(app, cookies).flatMap((cookie) => ['set-cookie', cookie])
    return [...toFields(answer), ...setCookies]
  }
}
