// Proxy mode: everything that is no endpoint of ours is checked here and handed to its upstream.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { chooseRedirect, type Portal, type PortalDeps, type Visit } from './portal.ts'
import { createPassage } from './passage.ts'
import { isPortalPath, toRawRequest } from './raw-request.ts'
import { noCache, pageAnswer, sendAnswer, writeAnswer } from './send.ts'
import { RequestAnswerParts } from '../auth/answer-parts.ts'
import { samePage } from '../auth/page-links.ts'
import type { PortalUrls } from '../auth/portal-urls.ts'
import { createRequestId } from '../auth/request-id.ts'
import { servedRequest, type Checked } from '../auth/served-request.ts'
import type { SessionWatch } from '../auth/session-watch.ts'
import type { Decision } from '../core/decision.ts'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { isSafeMethod, type HttpAnswer, type RawRequest } from '../core/http.ts'
import type { CrossOrigin } from '../fronts/cross-origin.ts'
import type { IdentityHeaders } from '../headers/identity-headers.ts'
import type { Clock } from '../lib/clock.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RequestLog } from '../telemetry/request-log.ts'
import type { Forwarder } from '../upstream/forwarder.ts'
import type { ForwardFailure, Passage } from '../upstream/passage.ts'
import type { Targets } from '../upstream/targets.ts'
import { upgradeResponse } from '../upstream/tunnel.ts'

export interface ProxyDeps extends PortalDeps {
  readonly options: PortalDeps['options'] & {
    readonly cookie_name: string
    readonly request_id_header: string
  }
  readonly urls: PortalUrls
  readonly identityHeaders: IdentityHeaders
  readonly crossOrigin: CrossOrigin
  readonly portal: Portal
  readonly targets: Targets
  readonly forwarder: Forwarder
  readonly sessionWatch: SessionWatch
  readonly metrics: Pick<Metrics, 'requestServed'>
  readonly requestLog: RequestLog | undefined
  readonly log: Log
  readonly clock: Clock
}

type Allowed = Extract<Decision, { readonly outcome: 'allow' }>
type Refused = Exclude<Decision, Allowed>

/** An allowed request on its way, and where its answer goes. */
interface Journey {
  readonly visit: Visit
  readonly decision: Allowed
  readonly outgoing: ServerResponse
}

export function registerProxy(app: FastifyInstance, deps: ProxyDeps): void {
  const { check, record, portal, forwarder } = deps
  const passageOf = createPassage(app, deps)

  async function decide(visit: Visit): Promise<Decision> {
    const decision = await check(visit.request)
    record.check(visit.request, decision)
    return decision
  }

  app.setNotFoundHandler(async (request, reply) => {
    const visit = portal.visit(toRawRequest(request.raw, request.id))
    if ('status' in visit) return sendAnswer(reply, visit)
    const decision = await decide(visit)
    request.checked = { request: visit.request, decision }
    if (decision.outcome !== 'allow') return sendAnswer(reply, await refuse(visit, decision, deps))
    const target = deps.targets.find(visit.raw.url)
    if (target?.kind !== 'upstream') return sendAnswer(reply, noUpstream(visit, target, deps))
    reply.hijack()
    const { raw: incoming } = request
    const { raw: outgoing } = reply
    const { upstream } = target
    await carry({ visit, decision, outgoing }, (passage) =>
      forwarder.forward({ incoming, outgoing, upstream, passage }),
    )
    return reply
  })

  /** The answer is not Fastify's any more: whatever goes wrong must not leave it open. */
  async function carry(
    { visit, decision, outgoing }: Journey,
    forward: (passage: Passage) => Promise<ForwardFailure | undefined>,
  ): Promise<void> {
    const { session, reason } = decision
    // Other reasons than the session hold without it.
    const watch =
      session && reason === 'session' ? deps.sessionWatch.open(session, visit.portal) : undefined
    try {
      const failure = await forward(passageOf(visit, decision, watch?.signal))
      if (failure) tellFailure(app, visit, failure, outgoing, deps)
    } catch (error) {
      const { requestId } = visit.raw
      deps.log.error('request failed', { requestId, cause: describeError(error) })
      outgoing.destroy()
    } finally {
      watch?.close()
    }
  }

  const requestIdOf = createRequestId(deps.options.request_id_header)

  /** Resolves when the connection is over; what was decided, if it came to that. */
  async function upgrade(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    raw: RawRequest,
    head: Buffer,
  ): Promise<Checked | undefined> {
    const send = (answer: HttpAnswer): void => writeAnswer(app, outgoing, answer)
    // Node before 24.9 cannot leave an upgrade to the routes.
    if (isPortalPath(incoming.url, deps.options.proxy_prefix)) {
      send({ status: 404, headers: noCache, cookies: [], body: '' })
      return undefined
    }
    const visit = portal.visit(raw)
    if ('status' in visit) {
      send(visit)
      return undefined
    }
    const { request } = visit
    const decision = await decide(visit)
    const target = deps.targets.find(visit.raw.url)
    if (decision.outcome !== 'allow') {
      send(
        deps.browserFront.answer(
          decision,
          request,
          new RequestAnswerParts(request, decision, deps),
        ),
      )
    } else if (target?.kind !== 'upstream') {
      send(noUpstream(visit, target, deps))
    } else {
      const { upstream } = target
      await carry({ visit, decision, outgoing }, (passage) =>
        forwarder.forwardUpgrade({ incoming, outgoing, head, upstream, passage }),
      )
    }
    return { request, decision }
  }

  async function serveUpgrade(incoming: IncomingMessage, head: Buffer): Promise<void> {
    const startedAt = performance.now()
    const raw = toRawRequest(incoming, requestIdOf(incoming))
    try {
      const outgoing = upgradeResponse(incoming)
      const checked = await upgrade(incoming, outgoing, raw, head)
      const durationMs = performance.now() - startedAt
      const { statusCode } = outgoing
      deps.metrics.requestServed('upstream', statusCode, durationMs / 1000)
      deps.requestLog?.(servedRequest(raw, statusCode, durationMs, checked))
    } catch (error) {
      deps.log.error('request failed', { requestId: raw.requestId, cause: describeError(error) })
      incoming.socket.destroy()
    }
  }

  app.server.on('upgrade', (incoming: IncomingMessage, _socket: Socket, head: Buffer) => {
    void serveUpgrade(incoming, head)
  })
}

/** A person is shown the sign-in, everyone else gets what the front says. */
function refuse(
  visit: Visit,
  decision: Refused,
  deps: ProxyDeps,
): HttpAnswer | Promise<HttpAnswer> {
  if (decision.outcome === 'login' && visit.request.canRedirect) {
    // 403 with the page, as oauth2-proxy: an app's client must not take it for the app's answer.
    const redirect = isSafeMethod(visit.request.method)
      ? chooseRedirect(visit, deps)
      : deps.urls.returnTarget(visit.request)
    return deps.portal.signIn(visit, redirect, 403)
  }
  const parts = new RequestAnswerParts(visit.request, decision, deps)
  return deps.browserFront.answer(decision, visit.request, parts)
}

function noUpstream(
  { raw }: Visit,
  target: { readonly location: string } | undefined,
  { pages }: ProxyDeps,
): HttpAnswer {
  if (target === undefined) return pageAnswer(404, pages.notFound({ requestId: raw.requestId }))
  return { status: 301, headers: { location: target.location }, cookies: [], body: '' }
}

function tellFailure(
  app: FastifyInstance,
  { raw: { requestId, url } }: Visit,
  { kind, detail }: ForwardFailure,
  outgoing: ServerResponse,
  { log, pages }: ProxyDeps,
): void {
  if (kind !== 'client-gone') log.warn('upstream failed', { kind, detail, requestId })
  if (outgoing.headersSent || outgoing.destroyed) return
  if (kind === 'bad-request') {
    const message = 'This request could be read in more than one way and is not passed on.'
    return writeAnswer(app, outgoing, pageAnswer(400, pages.badRequest({ message, requestId })))
  }
  const page = pages.upstreamUnavailable({ requestId, retryUrl: samePage(url) })
  writeAnswer(app, outgoing, pageAnswer(kind === 'timeout' ? 504 : 502, page))
}
