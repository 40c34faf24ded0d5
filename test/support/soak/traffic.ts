// People and strangers who ask without a pause, and what each answer must be.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterTest, type Cleanup } from '../cleanup.ts'

/** A signed-in browser. */
export interface Person {
  readonly name: string
  /** Of the subject that a check must name. */
  readonly sub: string
  cookie: string
  /**
   * When its session was revoked, by `performance.now()`; Infinity while it is being revoked,
   * undefined while it must pass.
   */
  revokedAt: number | undefined
}

export interface Place {
  readonly url: string
  /** Stopped or starting on purpose: connections may fail. */
  isAway: boolean
}

export interface Tally {
  checks: number
  allowed: number
  refused: number
  /** 503: nobody passed, nobody was signed out. */
  unavailable: number
  /** Connections to a replica that was being restarted. */
  away: number
  /** What should never have been: one line each. */
  readonly unexplained: string[]
}

export interface Traffic {
  /** What happens meanwhile, for what is complained about. */
  now(what: string): void
  stop(): Promise<Tally>
}

/** Within this a revocation must have reached everyone. */
const revocationMs = 1_000
/** A stopped process may still be the one that a request went to. */
const restartToleranceMs = 2_000
const maxLines = 50

export function startTraffic(
  t: Cleanup,
  people: readonly Person[],
  places: readonly Place[],
): Traffic {
  const over = new AbortController()
  afterTest(t, () => {
    over.abort()
  })
  const tally: Tally = {
    checks: 0,
    allowed: 0,
    refused: 0,
    unavailable: 0,
    away: 0,
    unexplained: [],
  }
  let during = 'quiet'
  const lastAway = new Map<Place, number>()

  function complain(who: string, what: string): void {
    if (tally.unexplained.length < maxLines) tally.unexplained.push(`${who} ${what} (${during})`)
  }

  async function ask(who: string, cookie: string): Promise<Response | undefined> {
    const place = places[Math.floor(Math.random() * places.length)]!
    if (place.isAway) lastAway.set(place, performance.now())
    tally.checks += 1
    try {
      const answer = await fetch(`${place.url}/oauth2/auth`, {
        headers: cookie === '' ? {} : { cookie },
        signal: AbortSignal.timeout(20_000),
      })
      await answer.arrayBuffer()
      if (answer.status === 503) tally.unavailable += 1
      return answer
    } catch (error) {
      const since = performance.now() - (lastAway.get(place) ?? -Infinity)
      if (place.isAway || since < restartToleranceMs) tally.away += 1
      else complain(who, `no answer: ${String(error)}`)
      return undefined
    }
  }

  async function checkPerson(person: Person): Promise<void> {
    const { cookie, revokedAt } = person
    const mustBeRefused = revokedAt !== undefined && performance.now() - revokedAt > revocationMs
    const answer = await ask(person.name, cookie)
    // Whoever signed in again in the meantime was asked about another session.
    if (!answer || person.cookie !== cookie) return
    switch (answer.status) {
      case 202:
        tally.allowed += 1
        if (mustBeRefused) complain(person.name, 'passed a second after its session was revoked')
        if (answer.headers.get('x-auth-request-user') !== person.sub) {
          complain(person.name, 'passed as somebody else')
        }
        return
      case 401:
        tally.refused += 1
        if (person.revokedAt === undefined) complain(person.name, 'was signed out')
        return
      case 503:
        return
      default:
        complain(person.name, `status ${answer.status}`)
    }
  }

  async function checkStranger(cookie: string): Promise<void> {
    const answer = await ask('stranger', cookie)
    if (!answer || answer.status === 503) return
    if (answer.status === 401) tally.refused += 1
    else complain('stranger', `status ${answer.status}`)
  }

  async function repeat(check: () => Promise<void>): Promise<void> {
    while (!over.signal.aborted) {
      await check()
      // Two cores for all: what counts is that somebody always asks.
      await sleep(10)
    }
  }

  const strangers = ['', '_oauth2_proxy=made-up', `_oauth2_proxy=${'A'.repeat(147)}`]
  const running = Promise.all([
    ...people.map((person) => repeat(() => checkPerson(person))),
    ...strangers.map((cookie) => repeat(() => checkStranger(cookie))),
  ])
  return {
    now(what) {
      during = what
    },
    async stop() {
      over.abort()
      await running
      return tally
    },
  }
}
