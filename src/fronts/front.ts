import type { AuthRequest, FrontName } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import type { HttpAnswer, Page, RawRequest } from '../core/http.ts'

/** Refused requests are denied as `bad-request`; `message` tells the operator what to mend. */
export type FrontRead =
  | { readonly ok: true; readonly request: AuthRequest }
  | { readonly ok: false; readonly message: string }

/** What an answer may need and a front cannot know; each is made only when it is used. */
export interface AnswerParts {
  /** Response headers that carry the identity (`X-Auth-Request-*`, ...); empty when anonymous. */
  identityHeaders(): Readonly<Record<string, string>>
  /** Every name that could be taken for an identity of ours, in each spelling; lower case. */
  identityHeaderNames(): readonly string[]
  /** Response headers that let a script of an allowed other origin read a refusal. */
  crossOrigin(): Readonly<Record<string, string>>
  /** Absolute URL where a browser signs in and then comes back to this request. */
  signInUrl(): string
  /** HTML that tells a person why the decision is no allow. */
  page(): Page
}

/** One gateway's contract: how it asks, what answers it understands. Knows no session, no policy. */
export interface Front<Raw extends RawRequest = RawRequest> {
  readonly name: FrontName
  read(raw: Raw): FrontRead
  answer(decision: Decision, request: AuthRequest, parts: AnswerParts): HttpAnswer
}
