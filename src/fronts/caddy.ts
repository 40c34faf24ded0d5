// Caddy `forward_auth`, which asks with GET.
import { createForwardedFront } from './forwarded.ts'
import type { Front } from './front.ts'
import type { ProxyTrust } from './trust.ts'

const mend =
  "only Caddy's forward_auth may point here; look for header_up in it, and at the trusted_proxies of Caddy"

export function createCaddyFront({ trust }: { readonly trust: ProxyTrust }): Front {
  return createForwardedFront('caddy', mend, trust)
}
