// Where a person without a session is led: to the portal, and from there to the provider.
import type { Reply } from './ask.ts'
import { finding, type Finding } from './finding.ts'
import { isAuthorizationRequest, type Observations } from './observe.ts'

export interface PortalExpectations {
  readonly proxy_prefix: string
  /** May people return to this URL after the sign-in? */
  readonly isAllowedRedirect: (url: string) => boolean
}

export function portalFindings(
  { url, hops }: Observations,
  { proxy_prefix, isAllowedRedirect }: PortalExpectations,
): readonly Finding[] {
  const [first, ...portalHops] = hops
  const last = hops.at(-1)
  if (first === undefined || last === undefined) return []
  if (first.status === 401) {
    return [
      finding(
        'no-redirect',
        'a browser gets 401 and is not led to the sign-in',
        `let the gateway redirect on 401 (ingress-nginx: auth-signin, nginx: error_page) to ${proxy_prefix}/start`,
      ),
    ]
  }
  if (first.location === '') return []
  const portal = portalHops.find(({ url: { pathname } }) => pathname.startsWith(`${proxy_prefix}/`))
  if (portal === undefined) return []
  const broken = brokenPortal(portal, last, proxy_prefix)
  if (broken) return [...tlsFindings(url, portal.url), broken]
  return [...tlsFindings(url, portal.url), ...cookieFindings(url, hops), ...returnFindings()]

  function returnFindings(): readonly Finding[] {
    if (portal === undefined || portal.url.host === url.host || isAllowedRedirect(url.href))
      return []
    return [
      finding(
        'return-not-allowed',
        `people who sign in at ${portal.url.host} may not return to ${url.host}`,
        `add ${url.hostname} or its domain (.${parentOf(url.hostname)}) to whitelist_domains`,
      ),
    ]
  }
}

function brokenPortal(portal: Reply, last: Reply, prefix: string): Finding | undefined {
  const { host, pathname } = portal.url
  const isLed = last.location !== '' && URL.canParse(last.location, last.url.href)
  if (isLed && isAuthorizationRequest(new URL(last.location, last.url))) return undefined
  if (isLed || portal.status === 401) {
    return finding(
      'redirect-loop',
      `the sign-in at ${host}${pathname} is itself checked, and leads to itself`,
      `let nothing check ${prefix}/ on ${host}: a route of its own to Sallyport, without the check`,
    )
  }
  if (last.status === 404 || last.status === 405) {
    return finding(
      'portal-missing',
      `${host}${pathname} answers ${last.status}: the sign-in is not there`,
      `route ${prefix}/ on ${host} to Sallyport`,
    )
  }
  // A sign-in page is what stands at the end without skip_provider_button.
  if (last.status === 200 && last.body.includes(`${prefix}/start`)) return undefined
  if (last.status >= 500 || last.status === 0) {
    return finding(
      'sign-in-unavailable',
      `${host}${pathname} answers ${last.status === 0 ? `nothing: ${last.body}` : last.status}`,
      'look at the log of Sallyport: the provider may not be reached, or Sallyport itself not by the gateway',
    )
  }
  return finding(
    'portal-missing',
    `${host}${pathname} answers ${last.status}, but not as Sallyport: something else is there`,
    `route ${prefix}/ on ${host} to Sallyport`,
  )
}

function tlsFindings(url: URL, portal: URL): readonly Finding[] {
  if (url.protocol !== 'https:' || portal.protocol === 'https:') return []
  return [
    finding(
      'http-behind-tls',
      `the sign-in is looked for at ${portal.origin}, without TLS`,
      'set redirect_url to the https URL of the portal, or let the gateway say X-Forwarded-Proto: https',
    ),
  ]
}

/** The login cookie has the attributes of the session cookie. */
function cookieFindings(url: URL, hops: readonly Reply[]): readonly Finding[] {
  const hop = hops.findLast(({ setCookies }) => setCookies.length > 0)
  const cookie = hop?.setCookies.find((text) => !/;\s*max-age=0\b/i.test(text))
  if (hop === undefined || cookie === undefined) return []
  const domain = /;\s*domain=\.?([^;]+)/i.exec(cookie)?.[1]?.trim().toLowerCase()
  const findings: Finding[] = []
  const isKept = domain === undefined || isWithin(hop.url.hostname, domain)
  const isSent =
    domain === undefined ? hop.url.hostname === url.hostname : isWithin(url.hostname, domain)
  if (!isKept || !isSent) {
    findings.push(
      finding(
        'cookie-domain',
        `the cookie that ${hop.url.hostname} sets ${domain === undefined ? 'without a domain' : `for ${domain}`} ` +
          `${isKept ? `does not come back to ${url.hostname}` : 'is not accepted by a browser'}: the sign-in never ends`,
        `set cookie_domains to a domain of both ${hop.url.hostname} and ${url.hostname}`,
      ),
    )
  }
  if (/;\s*secure\b/i.test(cookie) && url.protocol === 'http:' && !isLocal(url.hostname)) {
    findings.push(
      finding(
        'cookie-secure',
        'the session cookie is for https alone, and this URL is http: a browser does not send it',
        'serve the app with TLS (or, for development only, set cookie_secure to false)',
      ),
    )
  }
  return findings
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}

/** Browsers take these for secure without TLS. */
function isLocal(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host.startsWith('127.')
}

function parentOf(host: string): string {
  return host.split('.').slice(1).join('.') || host
}
