// One engine behind all fronts: ask the front, check, record, answer.
import { RequestAnswerParts, type AnswerPartsDeps } from './answer-parts.ts'
import type { Check } from './check.ts'
import { probeHeader, type DoctorProbes } from './doctor-probe.ts'
import type { Recorder } from './recorder.ts'
import type { Checked } from './served-request.ts'
import type { Decision } from '../core/decision.ts'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { HttpAnswer, RawRequest } from '../core/http.ts'
import type { Front, FrontRead } from '../fronts/front.ts'

export interface AnswerCheckDeps extends AnswerPartsDeps {
  readonly check: Check
  readonly record: Recorder
  /** Answers the doctor, who has no session and asks nothing that may pass. */
  readonly doctorProbes: Pick<DoctorProbes, 'answer'>
  readonly log: Log
}

type Readable = Extract<FrontRead, { readonly ok: true }>

/** One check under way, with whatever its transport needs to answer it. */
export interface Asked<Raw extends RawRequest> {
  readonly raw: Raw
}

/**
 * Has checks of one front answered by `finish`, in the same turn of the event loop where the session
 * cache knows. When `finish` throws, it is called once more, with a 503.
 */
export function createAnswerCheck<Raw extends RawRequest, A extends Asked<Raw>>(
  front: Front<Raw>,
  deps: AnswerCheckDeps,
  finish: (asked: A, answer: HttpAnswer, checked?: Checked) => void,
): (asked: A) => void {
  return (asked) => {
    try {
      ask(asked)
    } catch (error) {
      fail(asked, error)
    }
  }

  function ask(asked: A): void {
    const { raw } = asked
    const read = front.read(raw)
    const mayBeProbe = raw.headers[probeHeader] !== undefined || !read.ok
    if (mayBeProbe && answerProbe(asked, read)) return
    if (!read.ok) {
      deps.record.refused(front.name, raw, read.message)
      finish(asked, refusal)
      return
    }
    const decision = deps.check(read.request)
    if (decision instanceof Promise) {
      void decision
        .then((decided) => answer(asked, read, decided))
        .catch((error: unknown) => fail(asked, error))
    } else {
      answer(asked, read, decision)
    }
  }

  function answer(asked: A, read: Readable, decision: Decision): void {
    if (decision.outcome !== 'allow' && answerProbe(asked, read)) return
    const { request } = read
    deps.record.check(request, decision)
    const parts = new RequestAnswerParts(request, decision, deps)
    finish(asked, front.answer(decision, request, parts), { request, decision })
  }

  function answerProbe(asked: A, read: FrontRead): boolean {
    const probed = deps.doctorProbes.answer(front.name, asked.raw, read)
    if (probed !== undefined) finish(asked, probed)
    return probed !== undefined
  }

  /** SEC-39: a mistake of ours is no allow and does not end the process. */
  function fail(asked: A, error: unknown): void {
    const { requestId } = asked.raw
    deps.log.error('check not answered', { requestId, cause: describeError(error) })
    finish(asked, failure)
  }
}

/** The operator finds the cause in the log; whoever asked learns nothing. */
const refusal = plainAnswer(403, 'Forbidden')
const failure = plainAnswer(503, 'Service Unavailable')

function plainAnswer(status: number, text: string): HttpAnswer {
  const headers = { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' }
  return { status, headers, cookies: [], body: `${text}\n` }
}
