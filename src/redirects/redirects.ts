// SEC-9: where a browser may be sent after a sign-in or sign-out.
import { isInDomain } from '../lib/domain.ts'

export interface RedirectOptions {
  /** `host`, `.domain` or `*.domain`, each with nothing, `:port` or `:*` behind. */
  readonly whitelist_domains: readonly string[]
  readonly proxy_prefix: string
}

/** Where a request may ask to return to, in the order of preference. */
export interface RedirectCandidates {
  /** Of the form before that of the query. */
  readonly rd: string | undefined
  /** The `X-Auth-Request-Redirect` header. */
  readonly authRequestRedirect: string | undefined
  /** The request as a trusted proxy received it on another host than ours. */
  readonly forwarded:
    { readonly scheme: string; readonly host: string; readonly uri: string } | undefined
  /** Path and query of the request, of `X-Forwarded-Uri` when that is trusted. */
  readonly uri: string
}

export interface Redirects {
  /** True only for a target that every browser resolves to our own or to a whitelisted host. */
  isAllowed(target: string): boolean
  /** The first allowed candidate, else `/`. Spaces and non-ASCII come out percent-encoded. */
  choose(candidates: RedirectCandidates): string
  /** The same of what the request itself names; undefined when it names nothing allowed. */
  named(candidates: Pick<RedirectCandidates, 'rd' | 'authRequestRedirect'>): string | undefined
}

const limitCharacters = 2048

/**
 * A separator, then only dots, then the end or another separator, each perhaps percent-encoded:
 * what a browser or a proxy could resolve to `//host` or to another path.
 */
const uncleanPath = /(?:\/|%2f|%5c)(?:(?:\.|%2e){0,2}(?:\/|%2f|%5c)|(?:\.|%2e){1,2}$)/i

/** Percent-encoded C0 controls and DEL, which no path needs and some decode too early. */
const encodedControl = /%(?:[01][\da-f]|7f)/i

export function createRedirects(options: RedirectOptions): Redirects {
  const whitelist = options.whitelist_domains.map(parseEntry)

  function isAllowed(target: string): boolean {
    // Printable ASCII without the backslash: browsers drop tabs and newlines, read `\` as `/` and
    // map other characters of a host to ASCII ones.
    if (target.length > limitCharacters || !/^[!-[\]-~]+$/.test(target)) return false
    return target.startsWith('/') ? isCleanPath(target) : isWhitelisted(target, whitelist)
  }

  function withoutPortal(uri: string): string {
    return uri.startsWith(`${options.proxy_prefix}/`) ? '/' : uri
  }

  function firstAllowed(targets: readonly (string | undefined)[]): string | undefined {
    return targets
      .map((target) => target && escapeText(target))
      .find((target) => target && isAllowed(target))
  }

  return {
    isAllowed,
    named: ({ rd, authRequestRedirect }) => firstAllowed([rd, authRequestRedirect]),
    choose({ rd, authRequestRedirect, forwarded, uri }) {
      const absolute =
        forwarded && `${forwarded.scheme}://${forwarded.host}${withoutPortal(forwarded.uri)}`
      return firstAllowed([rd, authRequestRedirect, absolute, withoutPortal(uri)]) ?? '/'
    },
  }
}

/** What decoding a query made of a path; in a host it is refused like any other encoding. */
function escapeText(target: string): string {
  return target.toWellFormed().replace(/[ \u0080-\u{10ffff}]+/gu, encodeURIComponent)
}

/** The query is left alone: no browser takes a host from it, and deep links need it. */
function isCleanPath(target: string): boolean {
  const [path = ''] = target.split(/[?#]/, 1)
  return !uncleanPath.test(path) && !encodedControl.test(path)
}

interface WhitelistEntry {
  readonly domain: string
  /** Empty = none may be written, `*` = any. */
  readonly port: string
}

function parseEntry(entry: string): WhitelistEntry {
  const ending = /:(\d+|\*)$/
  return {
    domain: entry.replace(ending, '').toLowerCase(),
    port: ending.exec(entry)?.[1] ?? '',
  }
}

const absoluteForm = /^https?:\/\/([\w.-]+|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?(?:[/?#]|$)/

/**
 * The authority is compared as written. A browser must read the same: `0x7f.1` or a long IPv6
 * address would be another host there than here.
 */
function isWhitelisted(target: string, whitelist: readonly WhitelistEntry[]): boolean {
  const [, writtenHost, port = ''] = absoluteForm.exec(target) ?? []
  const host = writtenHost?.toLowerCase()
  if (host === undefined || URL.parse(target)?.hostname !== host) return false
  return whitelist.some(
    (entry) => isInDomain(host, entry.domain) && (entry.port === '*' || entry.port === port),
  )
}
