import type { Upstream } from '../core/upstream.ts'

export type Target =
  | { readonly kind: 'upstream'; readonly upstream: Upstream }
  /** `/foo` was asked for and `/foo/` is what exists: 301. */
  | { readonly kind: 'redirect'; readonly location: string }

export interface Targets {
  /**
   * What stands behind a request target (path and query as received); undefined: nothing does, 404.
   * The path is compared byte for byte, because that is how the upstream gets it.
   */
  find(url: string): Target | undefined
}

/**
 * The longest path wins. With a slash at its end a path is a prefix, without it is exact, as in
 * oauth2-proxy.
 */
export function createTargets(upstreams: readonly Upstream[]): Targets {
  const longestFirst = upstreams.toSorted((a, b) => b.path.length - a.path.length)

  return {
    find(url) {
      const queryStart = url.indexOf('?')
      const path = queryStart === -1 ? url : url.slice(0, queryStart)
      const upstream = longestFirst.find((candidate) => isBelow(path, candidate.path))
      if (upstream) return { kind: 'upstream', upstream }
      if (!upstreams.some((candidate) => candidate.path === `${path}/`)) return undefined
      return { kind: 'redirect', location: `${path}/${url.slice(path.length)}` }
    },
  }
}

function isBelow(path: string, mount: string): boolean {
  return mount.endsWith('/') ? path.startsWith(mount) : path === mount
}
