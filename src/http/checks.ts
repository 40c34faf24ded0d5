// The endpoints that gateways ask: one route per front, one engine behind all.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { createRequestId, samePage, toRawRequest } from './raw-request.ts'
import { writeAnswer } from './send.ts'
import { servedRequest, type Checked } from './served-request.ts'
import { wayOut } from './portal.ts'
import type { Check } from '../auth/check.ts'
import type { PortalUrls } from '../auth/portal-urls.ts'
import type { Recorder } from '../auth/recorder.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { HttpAnswer, RawRequest } from '../core/http.ts'
import type { AnswerParts, Front } from '../fronts/front.ts'
import type { IdentityHeaders } from '../headers/identity-headers.ts'
import type { Pages } from '../pages/pages.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RequestLog } from '../telemetry/request-log.ts'

export interface AnswerDeps {
  readonly options: { readonly proxy_prefix: string }
  readonly urls: PortalUrls
  readonly identityHeaders: IdentityHeaders
  readonly pages: Pages
}

export interface CheckRouteDeps extends AnswerDeps {
  readonly options: AnswerDeps['options'] & { readonly request_id_header: string }
  readonly check: Check
  readonly record: Recorder
  readonly metrics: Pick<Metrics, 'requestServed'>
  readonly requestLog: RequestLog | undefined
  readonly log: Log
}

/** One check under way. */
interface Asked {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly raw: RawRequest
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number
}

/**
 * Answers a front's path for every method: a gateway may ask with the client's own (Traefik's
 * `preserveRequestMethod`). Nothing of Fastify is in between, and what the session cache knows is
 * answered in the same turn of the event loop.
 */
export function registerCheck(
  app: FastifyInstance,
  path: string,
  front: Front,
  deps: CheckRouteDeps,
): void {
  const requestIdOf = createRequestId(deps.options.request_id_header)

  app.answerDirectly(path, (incoming, outgoing) => {
    const startedAt = performance.now()
    const raw = toRawRequest(incoming, requestIdOf(incoming))
    const asked = { incoming, outgoing, raw, startedAt }
    try {
      ask(asked)
    } catch (error) {
      fail(asked, error)
    }
  })

  function ask(asked: Asked): void {
    const { raw } = asked
    const read = front.read(raw)
    if (!read.ok) {
      deps.record.refused(front.name, raw, read.message)
      finish(asked, refusal)
      return
    }
    const { request } = read
    const decision = deps.check(request)
    if (decision instanceof Promise) {
      void decision
        .then((decided) => answer(asked, request, decided))
        .catch((error: unknown) => fail(asked, error))
    } else {
      answer(asked, request, decision)
    }
  }

  function answer(asked: Asked, request: AuthRequest, decision: Decision): void {
    deps.record.check(request, decision)
    const parts = answerParts(request, decision, deps)
    finish(asked, front.answer(decision, request, parts), { request, decision })
  }

  /** SEC-39: a mistake of ours is no allow and does not end the process. */
  function fail(asked: Asked, error: unknown): void {
    const { requestId } = asked.raw
    deps.log.error('check not answered', { requestId, cause: describeError(error) })
    if (asked.outgoing.headersSent) asked.outgoing.destroy()
    else finish(asked, failure)
  }

  function finish(
    { incoming, outgoing, raw, startedAt }: Asked,
    given: HttpAnswer,
    checked?: Checked,
  ): void {
    writeAnswer(app, outgoing, given)
    const durationMs = performance.now() - startedAt
    deps.metrics.requestServed('check', given.status, durationMs / 1000)
    deps.requestLog?.(servedRequest(incoming, raw.requestId, given.status, durationMs, checked))
  }
}

/** The operator finds the cause in the log; whoever asked learns nothing. */
const refusal = plainAnswer(403, 'Forbidden')
const failure = plainAnswer(503, 'Service Unavailable')

function plainAnswer(status: number, text: string): HttpAnswer {
  const headers = { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' }
  return { status, headers, cookies: [], body: `${text}\n` }
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
