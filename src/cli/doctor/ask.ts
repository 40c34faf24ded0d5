// Asks a public URL as a browser does, but follows nothing and keeps no cookie.
import { once } from 'node:events'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { describeError } from '../../core/errors.ts'

export interface Reply {
  readonly url: URL
  /** 0 = there was no answer, and `body` says why. */
  readonly status: number
  readonly location: string
  readonly setCookies: readonly string[]
  readonly wwwAuthenticate: string
  /** The beginning of it. */
  readonly body: string
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Ask = (url: URL, options?: AskOptions) => Promise<Reply>

const timeoutMs = 10_000
const maxBodyLength = 16 * 1024

/** What Chromium sends when somebody opens a link. */
const navigation = {
  accept: 'text/html,application/xhtml+xml',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
  'user-agent': 'Mozilla/5.0 (compatible; sallyport-doctor)',
}

/** `connectTo` (`host:port`) is asked in place of what the URL's name resolves to. */
export function createAsk(connectTo: string | undefined): Ask {
  return async (url, { method = 'GET', headers = {} } = {}) => {
    const nothing = { url, status: 0, location: '', setCookies: [], wwwAuthenticate: '' }
    try {
      const { hostname, port } = connectTo === undefined ? url : new URL(`http://${connectTo}`)
      const request = (url.protocol === 'https:' ? requestHttps : requestHttp)({
        host: hostname.replace(/^\[|\]$/g, ''),
        port,
        servername: url.hostname,
        method,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, ...navigation, ...headers },
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      })
      const [response] = (await once(request.end(), 'response')) as [IncomingMessage]
      return {
        url,
        status: response.statusCode ?? 0,
        location: response.headers.location ?? '',
        setCookies: response.headers['set-cookie'] ?? [],
        wwwAuthenticate: response.headers['www-authenticate'] ?? '',
        body: await beginningOf(response),
      }
    } catch (error) {
      return { ...nothing, body: describeError(error) }
    }
  }
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) {
    body += chunk
    if (body.length > maxBodyLength) break
  }
  return body
}
