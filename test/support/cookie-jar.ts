interface StoredCookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  readonly hostOnly: boolean
  readonly path: string
}

export interface CookieJar {
  store(url: URL, setCookies: readonly string[]): void
  /** The `Cookie` header for a request; undefined when no cookie matches. */
  header(url: URL): string | undefined
  delete(name: RegExp): void
}

/** What a browser does with cookies (RFC 6265 5.3, 5.4), without expiry times. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, StoredCookie>()
  return {
    store(url, setCookies) {
      for (const text of setCookies) {
        const { cookie, deletes } = parse(url, text)
        const key = [cookie.name, cookie.domain, cookie.path].join('\n')
        if (deletes) cookies.delete(key)
        else cookies.set(key, cookie)
      }
    },
    header(url) {
      const matching = [...cookies.values()].filter((cookie) => matches(cookie, url))
      if (matching.length === 0) return undefined
      return matching.map(({ name, value }) => `${name}=${value}`).join('; ')
    },
    delete(name) {
      for (const [key, cookie] of cookies) if (name.test(cookie.name)) cookies.delete(key)
    },
  }
}

function parse(url: URL, text: string): { cookie: StoredCookie; deletes: boolean } {
  const [pair = '', ...rest] = text.split(';').map((part) => part.trim())
  const [name = '', ...value] = pair.split('=')
  const attributes = new Map(
    rest.map((part): [string, string] => {
      const [key = '', ...words] = part.split('=')
      return [key.toLowerCase(), words.join('=')]
    }),
  )
  const domain = attributes.get('domain')?.replace(/^\./, '') ?? ''
  return {
    cookie: {
      name,
      value: value.join('='),
      domain: domain || url.hostname,
      hostOnly: domain === '',
      path: attributes.get('path') ?? '/',
    },
    deletes: attributes.get('max-age') === '0' || /1970/.test(attributes.get('expires') ?? ''),
  }
}

function matches({ domain, hostOnly, path }: StoredCookie, { hostname, pathname }: URL): boolean {
  const isHost = hostname === domain || (!hostOnly && hostname.endsWith(`.${domain}`))
  const isPath = pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
  return isHost && isPath
}
