import type { PortalUrls } from './portal-urls.ts'
import { samePage, wayOut } from './page-links.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import type { AnswerParts } from '../fronts/front.ts'
import type { CrossOrigin } from '../fronts/cross-origin.ts'
import type { Page } from '../core/http.ts'
import type { IdentityHeaders } from '../headers/identity-headers.ts'
import type { Pages } from '../pages/pages.ts'

export interface AnswerPartsDeps {
  readonly options: { readonly proxy_prefix: string }
  readonly urls: PortalUrls
  readonly identityHeaders: IdentityHeaders
  readonly pages: Pages
  readonly crossOrigin: CrossOrigin
}

/** What a front may put into its answer to this request. A class: one object a check, no closures. */
export class RequestAnswerParts implements AnswerParts {
  readonly #request: AuthRequest
  readonly #decision: Decision
  readonly #deps: AnswerPartsDeps

  constructor(request: AuthRequest, decision: Decision, deps: AnswerPartsDeps) {
    this.#request = request
    this.#decision = decision
    this.#deps = deps
  }

  identityHeaders(): Readonly<Record<string, string>> {
    const session = this.#decision.outcome === 'allow' ? this.#decision.session : undefined
    return session ? this.#deps.identityHeaders.response(session) : anonymous
  }

  identityHeaderNames(): readonly string[] {
    return this.#deps.identityHeaders.names
  }

  crossOrigin(): Readonly<Record<string, string>> {
    return this.#deps.crossOrigin(this.#request)
  }

  signInUrl(): string {
    return this.#deps.urls.signInUrl(this.#request)
  }

  page(): Page {
    const decision = this.#decision
    const { urls, pages, options } = this.#deps
    const { requestId, uri } = this.#request
    const retryUrl = samePage(uri)
    if (decision.outcome !== 'deny') {
      const reason = decision.outcome === 'unavailable' ? decision.reason : 'internal-error'
      return pages.unavailable({ reason, requestId, retryUrl })
    }
    const portal = urls.endpoint('', this.#request).slice(0, -1)
    const { signOutUrl } = wayOut(portal, returnTarget(this.#request, options.proxy_prefix))
    const user = decision.session?.identity.email ?? ''
    return pages.denied({ reason: decision.reason, requestId, user, signOutUrl, retryUrl })
  }
}

const anonymous = {}

function returnTarget({ scheme, host, uri }: AuthRequest, proxyPrefix: string): string {
  return uri.startsWith(`${proxyPrefix}/`) || uri === '' ? '/' : `${scheme}://${host}${uri}`
}
