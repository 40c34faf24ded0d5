// SEC-40: what one client address may do to the portal, so that nobody keeps it or the provider busy.
import { pageAnswer } from './send.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import type { Log } from '../core/events.ts'
import type { HttpAnswer } from '../core/http.ts'
import type { Clock } from '../lib/clock.ts'
import { partyOf } from '../lib/ip.ts'
import { createRateLimit } from '../lib/rate-limit.ts'
import type { ProxyTrust } from '../fronts/trust.ts'
import type { Pages } from '../pages/pages.ts'

/**
 * High enough for a large office behind one address. Of callbacks and logout tokens only those count
 * that were refused.
 */
const limits = {
  start: { burst: 1_000, perSecond: 100 },
  callback: { burst: 100, perSecond: 10 },
  backchannel_logout: { burst: 100, perSecond: 10 },
} as const

export interface ClientLimit {
  /** The answer for a client that has used up what it may. */
  refuse(request: AuthRequest): HttpAnswer | undefined
  count(request: AuthRequest): void
}

export type ClientLimits = Readonly<Record<keyof typeof limits, ClientLimit>>

export interface ClientLimitsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly pages: Pages
  readonly trust: Pick<ProxyTrust, 'isTrustedPeer'>
}

/**
 * A proxy's address stands for everybody behind it, as does the empty one, which nobody named: such
 * an address has no limit, or one stranger would use up what all have.
 */
export function createClientLimits(deps: ClientLimitsDeps): ClientLimits {
  const { clock, log, pages, trust } = deps

  function limit(route: keyof typeof limits): ClientLimit {
    const rate = createRateLimit({ ...limits[route], clock })
    return {
      refuse({ clientIp, requestId }) {
        const waitMs = trust.isTrustedPeer(clientIp) ? 0 : rate.waitMs(partyOf(clientIp))
        if (waitMs === 0) return undefined
        const answer = pageAnswer(429, pages.tooManyRequests({ requestId }))
        const headers = { ...answer.headers, 'retry-after': String(Math.ceil(waitMs / 1000)) }
        return { ...answer, headers }
      },
      count({ clientIp, requestId }) {
        if (trust.isTrustedPeer(clientIp)) return
        const party = partyOf(clientIp)
        rate.count(party)
        if (rate.waitMs(party) > 0) log.warn('too many requests', { route, clientIp, requestId })
      },
    }
  }
  return {
    start: limit('start'),
    callback: limit('callback'),
    backchannel_logout: limit('backchannel_logout'),
  }
}
