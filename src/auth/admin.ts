// What operators may ask over HTTP; docs/reference/admin-api.openapi.json describes it.
import type { Recorder } from './recorder.ts'
import { sessionJson } from './session-json.ts'
import { unseenRevocation } from './unseen-revocation.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { equalSecrets } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import { partyOf } from '../lib/ip.ts'
import { createRateLimit } from '../lib/rate-limit.ts'
import type { Secret } from '../lib/secret.ts'
import type { SessionSelector } from '../session/directory.ts'
import type { SessionStore } from '../session/store.ts'

export interface AdminRequest {
  readonly method: string
  /** Path and query as received. */
  readonly url: string
  readonly authorization: string | undefined
  /** Socket peer address; empty for a unix socket. */
  readonly peer: string
  readonly host: string
  readonly requestId: string
}

export interface AdminAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
}

/** Never throws and never rejects. */
export type Admin = (request: AdminRequest) => Promise<AdminAnswer>

export interface AdminDeps {
  readonly adminToken: () => Secret
  readonly sessions: SessionStore
  readonly record: Pick<Recorder, 'revoked'>
  readonly clock: Clock
  readonly log: Log
}

/** Sessions in one answer; there may be many more. */
const defaultLimit = 1_000
const maxLimit = 10_000

/** SEC-40: of requests with another token, for each address. */
const refusals = { burst: 100, perSecond: 1 }

export function createAdmin({ adminToken, sessions, record, clock, log }: AdminDeps): Admin {
  const refused = createRateLimit({ ...refusals, clock })
  const { directory, revocations } = sessions

  function isAllowed(authorization: string | undefined): boolean {
    const [, shown = ''] = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '') ?? []
    const token = adminToken().reveal()
    return token !== '' && equalSecrets(shown, token)
  }

  async function list(selector: SessionSelector, limit: number): Promise<AdminAnswer> {
    const cards = (await directory?.list(selector)) ?? []
    const shown = cards.slice(0, limit).map(sessionJson)
    return answer(200, { total: cards.length, sessions: shown })
  }

  async function show(id: string): Promise<AdminAnswer> {
    const [card] = (await directory?.list({ by: 'id', id })) ?? []
    return card ? answer(200, sessionJson(card)) : notFound
  }

  async function revoke(selector: SessionSelector, request: AdminRequest): Promise<AdminAnswer> {
    if (!revocations) return unrevocable
    const ended = await revocations.revoke(selector)
    const { host, peer: clientIp, requestId } = request
    const audited = directory ? ended : [unseenRevocation(selector)]
    record.revoked(audited, 'operator', { host, clientIp, requestId })
    if (!directory) return noted
    if (selector.by === 'id' && ended.length === 0) return notFound
    return answer(200, { ended: ended.map(({ id }) => id) })
  }

  async function serve(request: AdminRequest): Promise<AdminAnswer> {
    const target = readTarget(request.url)
    if (!target) return notFound
    const { id, query } = target
    if (request.method !== 'GET' && request.method !== 'DELETE') {
      const problem = refusal(405, 'method_not_allowed', 'only GET and DELETE are answered')
      return { ...problem, headers: { ...problem.headers, allow: 'GET, DELETE' } }
    }
    const selector = id === undefined ? readSelector(query) : ({ by: 'id', id } as const)
    if (selector === 'several') {
      return refusal(400, 'bad_request', 'name one of user, sid and all')
    }
    if (request.method === 'DELETE') {
      if (selector) return revoke(selector, request)
      return refusal(400, 'bad_request', 'say whose sessions end: user, sid or all=true')
    }
    if (!directory) return unlistable
    if (id !== undefined) return show(id)
    const limit = Number(query.get('limit') ?? defaultLimit)
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      return refusal(400, 'bad_request', `limit is a number from 1 to ${maxLimit}`)
    }
    return list(selector ?? { by: 'all' }, limit)
  }

  return async (request) => {
    const party = partyOf(request.peer)
    if (refused.waitMs(party) > 0) return tooMany
    if (!isAllowed(request.authorization)) {
      refused.count(party)
      log.warn('admin request refused', { peer: request.peer, requestId: request.requestId })
      return unauthorized
    }
    try {
      return await serve(request)
    } catch (error) {
      const cause = describeError(error)
      log.error('admin request failed', { requestId: request.requestId, cause })
      return error instanceof Unavailable ? unavailable : failed
    }
  }
}

/** `/sessions` and `/sessions/{id}`; undefined for any other path. */
function readTarget(
  url: string,
): { readonly id: string | undefined; readonly query: URLSearchParams } | undefined {
  const [, path, id, query = ''] = /^(\/sessions(?:\/([\w-]+))?)(?:\?(.*))?$/s.exec(url) ?? []
  return path === undefined ? undefined : { id, query: new URLSearchParams(query) }
}

/** Undefined = nothing is said. An empty name is a name, and nobody's. */
function readSelector(query: URLSearchParams): SessionSelector | 'several' | undefined {
  const selectors: readonly SessionSelector[] = [
    ...query.getAll('user').map((user) => ({ by: 'user', user }) as const),
    ...query.getAll('sid').map((sid) => ({ by: 'sid', sid }) as const),
    ...(query.get('all') === 'true' ? [{ by: 'all' } as const] : []),
  ]
  return selectors.length > 1 ? 'several' : selectors[0]
}

function answer(status: number, body: object): AdminAnswer {
  return { status, headers: {}, body }
}

function refusal(status: number, error: string, message: string): AdminAnswer {
  return answer(status, { error, message })
}

const unauthorized: AdminAnswer = {
  ...refusal(401, 'unauthorized', 'Authorization: Bearer <admin_token> is needed'),
  headers: { 'www-authenticate': 'Bearer realm="sallyport admin"' },
}
const tooMany: AdminAnswer = {
  ...refusal(429, 'too_many_requests', 'too many requests with another token came from there'),
  headers: { 'retry-after': '1' },
}
const notFound = refusal(404, 'not_found', 'there is no such session or path')
const noted = answer(202, { ended: [] })
const unlistable = refusal(
  501,
  'unsupported',
  'session_store_type is cookie: sessions live in browsers, where nobody can list them',
)
const unrevocable = refusal(
  501,
  'unsupported',
  'session_store_type is cookie: set redis_connection_url, so that replicas share what is revoked',
)
const unavailable: AdminAnswer = {
  ...refusal(503, 'unavailable', 'the session store does not answer; try again'),
  headers: { 'retry-after': '5' },
}
const failed = refusal(500, 'internal_error', 'the log names the cause')
