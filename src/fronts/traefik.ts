// Traefik ForwardAuth, and Traefik's own reading of ingress-nginx annotations.
import { createForwardedFront } from './forwarded.ts'
import type { Front } from './front.ts'
import type { ProxyTrust } from './trust.ts'

const mend =
  "only Traefik's forwardAuth.address may point here; " +
  'look at its trustForwardHeader and at forwardedHeaders.trustedIPs of its entry point'

export function createTraefikFront({ trust }: { readonly trust: ProxyTrust }): Front {
  return createForwardedFront('traefik', mend, trust)
}
