// Proxy mode: everything that is no endpoint of ours is checked here and handed to its upstream.
import type { FastifyInstance } from 'fastify'
import { answerParts } from './checks.ts'
import { chooseRedirect, type Portal, type PortalDeps, type Visit } from './portal.ts'
import { pageAnswer, sendAnswer } from './send.ts'
import type { PortalUrls } from '../auth/portal-urls.ts'
import type { Decision } from '../core/decision.ts'
import type { Log } from '../core/events.ts'
import type { HttpAnswer } from '../core/http.ts'
import type { IdentityHeaders } from '../headers/identity-headers.ts'
import type { Clock } from '../lib/clock.ts'

export interface ProxyDeps extends PortalDeps {
  readonly urls: PortalUrls
  readonly identityHeaders: IdentityHeaders
  readonly portal: Portal
  readonly log: Log
  readonly clock: Clock
}

export function registerProxy(app: FastifyInstance, deps: ProxyDeps): void {
  const { check, record, portal, pages } = deps

  app.setNotFoundHandler(async (request, reply) => {
    const visit = portal.visit(request)
    if ('status' in visit) return sendAnswer(reply, visit)
    const decision = await check(visit.request)
    request.checked = { request: visit.request, decision }
    record.check(visit.request, decision)
    if (decision.outcome !== 'allow') return sendAnswer(reply, await refuse(visit, decision, deps))
    return sendAnswer(reply, pageAnswer(404, pages.notFound({ requestId: request.id })))
  })
}

/** A person is shown the sign-in, everyone else gets what the front says. */
function refuse(
  visit: Visit,
  decision: Exclude<Decision, { readonly outcome: 'allow' }>,
  deps: ProxyDeps,
): HttpAnswer | Promise<HttpAnswer> {
  if (decision.outcome === 'login' && visit.request.canRedirect) {
    // 403 with the page, as oauth2-proxy: an app's client must not take it for the app's answer.
    return deps.portal.signIn(visit, chooseRedirect(visit, deps), 403)
  }
  const parts = answerParts(visit.request, decision, deps)
  return deps.browserFront.answer(decision, visit.request, parts)
}
