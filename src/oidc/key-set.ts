// The provider's signing keys (RFC 7517). Kept here rather than by openid-client, so that a rotated
// key works at once, a flood of unknown keys costs one download, and an outage costs none (SEC-19).
import { setTimeout as sleep } from 'node:timers/promises'
import { isObject } from './claim-values.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Clock } from '../lib/clock.ts'

/** Documents are JWKS texts. */
export interface KeySet {
  /** At most five minutes old, older only while the provider gives none. Throws `Unavailable`. */
  current(): Promise<string>
  /** For a token whose key is not in `document`: a newer one, if there is one. */
  newerThan(document: string): Promise<string | undefined>
  /**
   * The same whatever was downloaded a moment ago, and not at the first failure given up: for the
   * answer to a refresh token, which is spent by then, so that losing the answer would end the session.
   */
  newestAfter(document: string): Promise<string | undefined>
  /** Why the last download failed; while there is one, an unknown key may be a new one. */
  outage(): Unavailable | undefined
}

const maxAgeMs = 5 * 60 * 1000
/** Between downloads that strangers can cause. */
const minIntervalMs = 5 * 1000
/** Before each attempt for an answer that must not be lost. */
const attemptAfterMs = [0, 250, 1000, 2000]

export function createKeySet(deps: {
  readonly download: () => Promise<Response>
  readonly clock: Clock
  readonly log: Log
}): KeySet {
  const { clock, log } = deps
  let known: string | undefined
  let knownSince = 0
  let attemptedAt = -Infinity
  let attempt: Promise<void> | undefined
  let outage: Unavailable | undefined

  async function download(): Promise<void> {
    attemptedAt = clock.now()
    try {
      known = await readKeys(await deps.download())
      knownSince = clock.now()
      outage = undefined
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      outage = error
      if (known === undefined) throw error
      log.warn('provider keys not renewed', { cause: error.message })
    } finally {
      attempt = undefined
    }
  }

  async function renew(): Promise<void> {
    if (attempt === undefined && clock.now() - attemptedAt < minIntervalMs) return
    attempt ??= download()
    await attempt
  }

  return {
    async current() {
      if (known === undefined || clock.now() - knownSince >= maxAgeMs) await renew()
      if (known === undefined) throw outage ?? new Unavailable('provider', 'keys: none yet')
      return known
    },
    async newerThan(document) {
      if (known === document) await renew()
      return known === document ? undefined : known
    },
    async newestAfter(document) {
      // One that is under way may have begun before the key was there.
      if (known === document) await attempt
      for (const ms of attemptAfterMs) {
        if (ms > 0) await sleep(ms)
        if (known === document) await (attempt ??= download())
        if (known !== document || outage === undefined) break
      }
      return known === document ? undefined : known
    },
    outage: () => outage,
  }
}

async function readKeys(response: Response): Promise<string> {
  const body: unknown = JSON.parse(await response.text())
  const all: unknown = response.status === 200 && isObject(body) ? body['keys'] : undefined
  const keys = Array.isArray(all) ? all.filter((key) => isObject(key) && !isForgeable(key)) : []
  if (keys.length > 0) return JSON.stringify({ keys })
  throw new Unavailable('provider', `keys: status ${response.status}, no usable key`)
}

/** With an RSA exponent of 1 everyone can sign; WebCrypto does not mind. */
function isForgeable({ kty, e }: Readonly<Record<string, unknown>>): boolean {
  if (kty !== 'RSA' || typeof e !== 'string') return false
  return BigInt(`0x0${Buffer.from(e, 'base64url').toString('hex')}`) < 3n
}
