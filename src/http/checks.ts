// The endpoints that gateways ask over HTTP: one route per front.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { toRawRequest } from './raw-request.ts'
import { writeAnswer } from './send.ts'
import { createAnswerCheck, type AnswerCheckDeps, type Asked } from '../auth/answer-check.ts'
import { createRequestId } from '../auth/request-id.ts'
import { servedRequest } from '../auth/served-request.ts'
import type { RawRequest } from '../core/http.ts'
import type { Front } from '../fronts/front.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RequestLog } from '../telemetry/request-log.ts'

export interface CheckRouteDeps extends AnswerCheckDeps {
  readonly options: AnswerCheckDeps['options'] & { readonly request_id_header: string }
  readonly metrics: Pick<Metrics, 'requestServed'>
  readonly requestLog: RequestLog | undefined
}

interface AskedOverHttp extends Asked<RawRequest> {
  readonly outgoing: ServerResponse
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number
}

/**
 * Answers a front's path for every method: a gateway may ask with the client's own (Traefik's
 * `preserveRequestMethod`). Nothing of Fastify is in between.
 */
export function registerCheck(
  app: FastifyInstance,
  path: string,
  front: Front,
  deps: CheckRouteDeps,
): void {
  const requestIdOf = createRequestId(deps.options.request_id_header)
  const answerCheck = createAnswerCheck<RawRequest, AskedOverHttp>(
    front,
    deps,
    ({ outgoing, raw, startedAt }, answer, checked) => {
      if (outgoing.headersSent) {
        // Half of an answer is out: the gateway must not take it for a whole one.
        outgoing.destroy()
        return
      }
      writeAnswer(app, outgoing, answer)
      const durationMs = performance.now() - startedAt
      deps.metrics.requestServed('check', answer.status, durationMs / 1000)
      deps.requestLog?.(servedRequest(raw, answer.status, durationMs, checked))
    },
  )

  app.answerDirectly(path, (incoming, outgoing) => {
    const startedAt = performance.now()
    answerCheck({ outgoing, raw: toRawRequest(incoming, requestIdOf(incoming)), startedAt })
  })
}
