// One attempt to sign in, remembered by the browser alone. The login cookie holds a random seed; the
// nonce, the PKCE verifier and the binding of the `state` parameter are derived from it.
import { createHmac, randomBytes } from 'node:crypto'
import { equalSecrets, sha256 } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { RequestCookies } from '../lib/cookie-header.ts'
import { createSealer } from '../lib/sealer.ts'
import { revealAll, type Secret } from '../lib/secret.ts'

export interface LoginStateOptions {
  readonly cookie_name: string
  readonly cookie_secret: readonly Secret[]
  /** Milliseconds an attempt may take; 0 = for ever. */
  readonly cookie_csrf_expire: number
}

interface LoginStart {
  /** Where the person wants to go. One of over 4 kB would not fit into URLs: `/` takes its place. */
  readonly redirect: string
  /** Counts the silent restarts of a sign-in whose cookie was lost. */
  readonly attempt: number
}

export interface BegunLogin {
  /** The `state` parameter (RFC 6749 4.1.1). */
  readonly state: string
  /** OpenID Connect Core 3.1.2.1. */
  readonly nonce: string
  /** RFC 7636 4.1. */
  readonly codeVerifier: string
  readonly cookieName: string
  readonly cookieValue: string
}

/** What a `state` says of its attempt. Ours and untampered, but maybe old and of another browser. */
interface KnownLogin extends LoginStart {
  readonly startedAt: number
}

interface MatchedLogin extends KnownLogin {
  readonly nonce: string
  readonly codeVerifier: string
}

export interface LoginStates {
  begin(start: LoginStart): BegunLogin
  /** `<cookie_name>_<first 8 characters of a hash of the state>_csrf`. */
  cookieName(state: string): string
  /** Undefined when the state was not made by us. The age is the caller's to judge. */
  readState(state: string): KnownLogin | undefined
  /**
   * The attempt that `state` and one of the values of its login cookie belong to, if it is not over
   * (SEC-16). Undefined: the browser that comes back is not the one that was sent away.
   */
  match(state: string, cookieValues: readonly string[]): MatchedLogin | undefined
  /** Names of login cookies to delete so that at most `limit` remain: unreadable ones, then old ones. */
  prune(cookies: RequestCookies, limit: number): string[]
}

interface SealedState {
  readonly binding: string
  readonly redirect: string
  readonly attempt: number
  readonly startedAt: number
}

const seedBytes = 32
/** With the other parameters it must fit into one line of a request, for which 8 KiB are common. */
const maxStateLength = 6 * 1024
const maxCookieLength = 256
/** More cookies than a browser keeps of a sign-in are planted: those beyond count as old. */
const maxLookedAt = 64

export function createLoginStates(deps: {
  readonly options: LoginStateOptions
  readonly clock: Clock
  /** In place of the option's, where they may change. */
  readonly cookieSecrets?: () => readonly Secret[]
}): LoginStates {
  const { options, clock, cookieSecrets = () => options.cookie_secret } = deps
  const secrets = revealAll(cookieSecrets)
  const states = createSealer(secrets, 'login-state')
  const cookies = createSealer(secrets, 'login-cookie')

  const cookieName = (state: string) =>
    `${options.cookie_name}_${sha256(state).toString('base64url').slice(0, 8)}_csrf`

  function isOver(startedAt: number): boolean {
    const limit = options.cookie_csrf_expire
    return limit > 0 && clock.now() - startedAt > limit
  }

  function sealState(content: SealedState): string {
    return states.seal(Buffer.from(JSON.stringify(content)), options.cookie_name)
  }

  function openState(state: string): SealedState | undefined {
    if (state.length > maxStateLength) return undefined
    const opened = states.open(state, options.cookie_name)
    return opened && (JSON.parse(opened.toString()) as SealedState)
  }

  function openCookie(name: string, value: string) {
    if (value.length > maxCookieLength) return undefined
    const opened = cookies.open(value, name)
    if (opened === undefined) return undefined
    return { seed: opened.subarray(0, seedBytes), startedAt: opened.readDoubleBE(seedBytes) }
  }

  return {
    cookieName,

    begin({ redirect, attempt }) {
      const seed = randomBytes(seedBytes)
      const startedAt = clock.now()
      const content = { binding: derive(seed, 'binding'), redirect, attempt, startedAt }
      const sealed = sealState(content)
      const fits = sealed.length <= maxStateLength
      const state = fits ? sealed : sealState({ ...content, redirect: '/' })
      const name = cookieName(state)
      const time = Buffer.alloc(8)
      time.writeDoubleBE(startedAt)
      return {
        state,
        ...parametersOf(seed),
        cookieName: name,
        cookieValue: cookies.seal(Buffer.concat([seed, time]), name),
      }
    },

    readState(state) {
      const known = openState(state)
      if (known === undefined) return undefined
      const { redirect, attempt, startedAt } = known
      return { redirect, attempt, startedAt }
    },

    match(state, cookieValues) {
      const known = openState(state)
      if (known === undefined || isOver(known.startedAt)) return undefined
      const name = cookieName(state)
      for (const value of cookieValues) {
        const cookie = openCookie(name, value)
        if (cookie === undefined || isOver(cookie.startedAt)) continue
        if (!equalSecrets(derive(cookie.seed, 'binding'), known.binding)) continue
        const { redirect, attempt, startedAt } = known
        return { redirect, attempt, startedAt, ...parametersOf(cookie.seed) }
      }
      return undefined
    },

    prune(sent, limit) {
      const known: { name: string; startedAt: number }[] = []
      for (const [name, values] of sent) {
        if (!isLoginCookie(name, options.cookie_name)) continue
        const looked = values.slice(0, Math.max(0, maxLookedAt - known.length))
        const times = looked.map((value) => openCookie(name, value)?.startedAt ?? 0)
        known.push({ name, startedAt: Math.max(0, ...times) })
      }
      known.sort((a, b) => b.startedAt - a.startedAt)
      return known.slice(Math.max(0, limit)).map(({ name }) => name)
    },
  }
}

function parametersOf(seed: Uint8Array): { nonce: string; codeVerifier: string } {
  return { nonce: derive(seed, 'nonce'), codeVerifier: derive(seed, 'pkce') }
}

/** 256 bits for one use of the seed; base64url, 43 characters. */
function derive(seed: Uint8Array, use: string): string {
  return createHmac('sha256', seed).update(`sallyport/login/${use}`).digest('base64url')
}

function isLoginCookie(name: string, cookieName: string): boolean {
  if (!name.startsWith(`${cookieName}_`)) return false
  return /^[A-Za-z0-9_-]{8}_csrf$/.test(name.slice(cookieName.length + 1))
}
