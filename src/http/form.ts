// Forms of the portal: the only bodies that are read here.
import type { IncomingMessage } from 'node:http'

const limitCharacters = 64 * 1024

/** The fields; none when the body is no form. Throws what is answered with 413 or 400. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return new URLSearchParams()
  let body = ''
  try {
    // What is not read stays: destroying it would take the connection for the answer with it.
    for await (const chunk of request.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      body += String(chunk)
      if (body.length > limitCharacters) break
    }
  } catch (error) {
    throw Object.assign(new Error('the form broke off', { cause: error }), { statusCode: 400 })
  }
  if (body.length <= limitCharacters) return new URLSearchParams(body)
  throw Object.assign(new Error('the form is too large'), { statusCode: 413 })
}
