import type { SetCookie } from '../core/cookie.ts'

export interface CookieAttributes {
  /** Any that fits the request's host, the longest first; none = host-only cookies. */
  readonly cookie_domains: readonly string[]
  readonly cookie_path: string
  readonly cookie_secure: boolean
  readonly cookie_httponly: boolean
  /** `lax`, `strict` or `none`; `''` = `lax`. */
  readonly cookie_samesite: string
}

/** Makes the cookies of one kind: all alike but for name, value and end. */
export interface CookieWriter {
  /** `host` is `host[:port]` as the browser addressed it; no `maxAgeSeconds` = until it closes. */
  write(
    name: string,
    value: string,
    options: { readonly host: string; readonly maxAgeSeconds?: number | undefined },
  ): SetCookie
  /** Deletes what `write` set for the same host. */
  erase(name: string, host: string): SetCookie
}

export function createCookieWriter(options: CookieAttributes): CookieWriter {
  const chooseDomain = createDomainChoice(options.cookie_domains)
  const sameSite = parseSameSite(options.cookie_samesite)

  const write: CookieWriter['write'] = (name, value, { host, maxAgeSeconds }) => {
    // A browser refuses a `__Host-` cookie with a domain (RFC 6265bis 4.1.3.2).
    const domain = name.startsWith('__Host-') ? undefined : chooseDomain(host)
    return {
      name,
      value,
      path: options.cookie_path,
      ...(domain !== undefined && { domain }),
      ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
      httpOnly: options.cookie_httponly,
      secure: options.cookie_secure,
      sameSite,
    }
  }

  return { write, erase: (name, host) => write(name, '', { host, maxAgeSeconds: 0 }) }
}

/**
 * The longest domain that the host is or is below; when it is below none, the shortest, as
 * oauth2-proxy has it. A domain with a port counts for its host but gives a host-only cookie.
 */
function createDomainChoice(domains: readonly string[]): (host: string) => string | undefined {
  const choices = domains
    .map((domain) => ({
      parent: withoutPort(domain).replace(/^\./, '').toLowerCase(),
      hasPort: domain.includes(':'),
    }))
    .sort((a, b) => b.parent.length - a.parent.length)

  return (host) => {
    const name = withoutPort(host).toLowerCase()
    const chosen =
      choices.find(({ parent }) => name === parent || name.endsWith(`.${parent}`)) ?? choices.at(-1)
    return chosen?.hasPort ? undefined : chosen?.parent
  }
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '')
}

function parseSameSite(value: string): 'lax' | 'strict' | 'none' {
  return value === 'strict' || value === 'none' ? value : 'lax'
}
