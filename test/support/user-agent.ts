import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { createCookieJar, type CookieJar } from './cookie-jar.ts'

export interface Reply {
  readonly url: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A client with cookies and no screen. Every host name is this machine. */
export interface UserAgent {
  readonly cookies: CookieJar
  /** One request as a script makes it: no redirect is followed. */
  request(url: string, options?: RequestOptions): Promise<Reply>
  /** What a person's browser does with a link: asks for HTML, follows redirects. */
  visit(url: string, options?: RequestOptions): Promise<Reply>
  /** Sends the page's first form with its hidden fields and these. */
  submit(page: Reply, fields: Readonly<Record<string, string>>): Promise<Reply>
}

const maxRedirects = 20

export function createUserAgent(): UserAgent {
  const cookies = createCookieJar()

  const agent: UserAgent = {
    cookies,
    async request(url, options = {}) {
      const reply = await send(new URL(url), options, cookies)
      cookies.store(new URL(url), reply.headers['set-cookie'] ?? [])
      return reply
    },
    async visit(url, options = {}) {
      const headers = { accept: 'text/html,application/xhtml+xml', ...options.headers }
      let reply = await agent.request(url, { ...options, headers })
      for (let hops = 0; isRedirect(reply); hops += 1) {
        if (hops === maxRedirects) throw new Error(`too many redirects, now at ${reply.url}`)
        const next = new URL(reply.headers.location ?? '', reply.url)
        reply = await agent.request(next.href, { headers })
      }
      return reply
    },
    async submit(page, fields) {
      const { action, method, hidden } = readForm(page)
      const values = new URLSearchParams({ ...hidden, ...fields }).toString()
      if (method === 'get') return agent.visit(`${action}?${values}`)
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return agent.visit(action, { method: 'POST', headers, body: values })
    },
  }
  return agent
}

function isRedirect({ status, headers }: Reply): boolean {
  return status >= 301 && status <= 308 && headers.location !== undefined
}

async function send(url: URL, options: RequestOptions, cookies: CookieJar): Promise<Reply> {
  const cookie = cookies.header(url)
  const outgoing = request({
    host: '127.0.0.1',
    port: url.port,
    method: options.method ?? 'GET',
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, ...(cookie === undefined ? {} : { cookie }), ...options.headers },
    agent: false,
  })
  outgoing.end(options.body)
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of incoming.setEncoding('utf8')) body += chunk
  return { url: url.href, status: incoming.statusCode ?? 0, headers: incoming.headers, body }
}

interface Form {
  readonly action: string
  readonly method: string
  readonly hidden: Readonly<Record<string, string>>
}

function readForm({ url, body }: Reply): Form {
  const [form, tag = ''] = /(<form[^>]*>)[^]*?<\/form>/.exec(body) ?? []
  if (form === undefined) throw new Error(`no form at ${url}:\n${body}`)
  const inputs = form.match(/<input[^>]*type="hidden"[^>]*>/g) ?? []
  return {
    action: new URL(attribute(tag, 'action'), url).href,
    method: attribute(tag, 'method').toLowerCase() || 'get',
    hidden: Object.fromEntries(
      inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value')]),
    ),
  }
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
  return value
    .replaceAll('&amp;', '&')
    .replaceAll('&#x2F;', '/')
    .replaceAll(/&#(\d+);/g, decode)
}

function decode(_entity: string, code: string): string {
  return String.fromCharCode(Number(code))
}
