// Answers in Envoy's words (envoy.service.auth.v3.CheckResponse).
import { formatSetCookie, type SetCookie } from '../core/cookie.ts'
import type { HttpAnswer, RequestHeaders } from '../core/http.ts'
import type { IdentityHeaders } from '../headers/identity-headers.ts'
import { encodeCheckResponse, type HeaderValueOption } from './protocol.ts'

/** google.rpc.Code */
const ok = 0
const permissionDenied = 7

/** The bytes of the answer to a request with these headers. Status 200 alone lets it pass. */
export type ToCheckResponse = (answer: HttpAnswer, client: RequestHeaders) => Buffer

export function createCheckResponses(
  identityHeaders: Pick<IdentityHeaders, 'unsetNames' | 'forgedNames'>,
): ToCheckResponse {
  // A session's headers are made once, and so is the answer that has nothing else in it.
  const plain = new WeakMap<HttpAnswer['headers'], Buffer>()

  return (answer, client) => (answer.status === 200 ? allowed(answer, client) : denied(answer))

  function allowed({ headers, cookies }: HttpAnswer, client: RequestHeaders): Buffer {
    const forged = identityHeaders.forgedNames(client)
    const isPlain = forged.length === 0 && cookies.length === 0
    const known = isPlain ? plain.get(headers) : undefined
    if (known !== undefined) return known
    const response = encodeCheckResponse({
      status: { code: ok },
      ok_response: {
        headers: replacing(headers),
        headers_to_remove: [...identityHeaders.unsetNames(headers), ...forged],
        // For the browser, beside the app's own: a cookie that was renewed on the way.
        response_headers_to_add: cookies.map((cookie) => setCookie(cookie, true)),
      },
    })
    if (isPlain) plain.set(headers, response)
    return response
  }
}

function denied({ status, headers, cookies, body }: HttpAnswer): Buffer {
  return encodeCheckResponse({
    status: { code: permissionDenied },
    denied_response: {
      status: { code: status },
      // Envoy keeps them all, and drops those that ask to be appended to nothing.
      headers: [...replacing(headers), ...cookies.map((cookie) => setCookie(cookie, false))],
      body,
    },
  })
}

function replacing(headers: HttpAnswer['headers']): readonly HeaderValueOption[] {
  return Object.entries(headers).map(([key, value]) => ({
    header: { key, value },
    append: { value: false },
  }))
}

function setCookie(cookie: SetCookie, append: boolean): HeaderValueOption {
  return {
    header: { key: 'set-cookie', value: formatSetCookie(cookie) },
    append: { value: append },
  }
}
