/**
 * Does a host name lie in a domain? `example.com` means that host alone; `.example.com` and
 * `*.example.com` mean it and every name below it. Letter case counts: callers fold it.
 */
export function isInDomain(host: string, domain: string): boolean {
  const parent = /^\*?\.(.+)$/.exec(domain)?.[1]
  if (parent === undefined) return host === domain
  return host === parent || host.endsWith(`.${parent}`)
}
