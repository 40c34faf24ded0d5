// The endpoints that gateways ask: one route per front, one engine behind all.
import type { FastifyInstance } from 'fastify'
import { samePage, toRawRequest } from './raw-request.ts'
import { sendAnswer } from './send.ts'
import { wayOut } from './portal.ts'
import type { Check } from '../auth/check.ts'
import type { PortalUrls } from '../auth/portal-urls.ts'
import type { Recorder } from '../auth/recorder.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import type { HttpAnswer } from '../core/http.ts'
import type { AnswerParts, Front } from '../fronts/front.ts'
import type { IdentityHeaders } from '../headers/identity-headers.ts'
import type { Pages } from '../pages/pages.ts'

export interface AnswerDeps {
  readonly options: { readonly proxy_prefix: string }
  readonly urls: PortalUrls
  readonly identityHeaders: IdentityHeaders
  readonly pages: Pages
}

export interface CheckRouteDeps extends AnswerDeps {
  readonly check: Check
  readonly record: Recorder
}

/** Every method: a gateway may ask with the client's own (traefik `preserveRequestMethod`). */
export function registerCheck(
  app: FastifyInstance,
  path: string,
  front: Front,
  deps: CheckRouteDeps,
): void {
  app.all(path, { config: { route: 'check' } }, async (request, reply) => {
    const raw = toRawRequest(request.raw, request.id)
    const read = front.read(raw)
    if (!read.ok) {
      deps.record.refused(front.name, raw, read.message)
      return sendAnswer(reply, refusal)
    }
    const decision = await deps.check(read.request)
    request.checked = { request: read.request, decision }
    deps.record.check(read.request, decision)
    const parts = answerParts(read.request, decision, deps)
    return sendAnswer(reply, front.answer(decision, read.request, parts))
  })
}

/** The operator finds the cause in the log; whoever asked learns nothing. */
const refusal: HttpAnswer = {
  status: 403,
  headers: { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' },
  cookies: [],
  body: 'Forbidden\n',
}

/** What a front may put into its answer to this request. */
export function answerParts(
  request: AuthRequest,
  decision: Decision,
  { options, urls, identityHeaders, pages }: AnswerDeps,
): AnswerParts {
  const { requestId } = request
  const session = decision.outcome === 'allow' ? decision.session : undefined
  return {
    identityHeaders: () => (session ? identityHeaders.response(session) : {}),
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
