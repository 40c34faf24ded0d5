import type { PortalUrls } from './portal-urls.ts'
import { samePage, wayOut } from './page-links.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import type { AnswerParts } from '../fronts/front.ts'
import type { CrossOrigin } from '../fronts/cross-origin.ts'
import type { IdentityHeaders } from '../headers/identity-headers.ts'
import type { Pages } from '../pages/pages.ts'

export interface AnswerPartsDeps {
  readonly options: { readonly proxy_prefix: string }
  readonly urls: PortalUrls
  readonly identityHeaders: IdentityHeaders
  readonly pages: Pages
  readonly crossOrigin: CrossOrigin
}

/** What a front may put into its answer to this request. */
export function answerParts(
  request: AuthRequest,
  decision: Decision,
  { options, urls, identityHeaders, pages, crossOrigin }: AnswerPartsDeps,
): AnswerParts {
  const { requestId } = request
  const session = decision.outcome === 'allow' ? decision.session : undefined
  return {
    identityHeaders: () => (session ? identityHeaders.response(session) : {}),
    identityHeaderNames: () => identityHeaders.names,
    crossOrigin: () => crossOrigin(request),
    signInUrl: () => urls.signInUrl(request),
    page() {
      const retryUrl = samePage(request.uri)
      if (decision.outcome !== 'deny') {
        const reason = decision.outcome === 'unavailable' ? decision.reason : 'internal-error'
        return pages.unavailable({ reason, requestId, retryUrl })
      }
      const portal = urls.endpoint('', request).slice(0, -1)
      const { signOutUrl } = wayOut(portal, returnTarget(request))
      const user = decision.session?.identity.email ?? ''
      return pages.denied({ reason: decision.reason, requestId, user, signOutUrl, retryUrl })
    },
  }

  function returnTarget({ scheme, host, uri }: AuthRequest): string {
    const isPortalPath = uri.startsWith(`${options.proxy_prefix}/`)
    return isPortalPath || uri === '' ? '/' : `${scheme}://${host}${uri}`
  }
}
