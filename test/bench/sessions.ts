import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { loadOptions } from '../../src/config/load.ts'
import type { Session } from '../../src/core/session.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { parseCookies } from '../../src/lib/cookie-header.ts'
import { createSessionStore } from '../../src/session/create-session-store.ts'
import { afterTest, type Cleanup } from '../support/cleanup.ts'
import { eventually } from '../support/eventually.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'
import type { Service } from './service.ts'

/** Signs in as a person would; returns the `Cookie` header with the session and nothing else. */
export async function signInAt({ url }: Service): Promise<string> {
  const agent = createUserAgent()
  await signIn(agent, `${url}/oauth2/start?rd=/oauth2/userinfo`)
  const pairs = (agent.cookies.header(new URL(url)) ?? '').split('; ')
  const own = pairs.filter((pair) => pair.startsWith('_oauth2_proxy'))
  if (own.length === 0) throw new Error(`no session after the sign-in at ${url}`)
  return own.join('; ')
}

/** Someone with a session. */
export interface Person {
  /** The subject (`sub`). */
  readonly user: string
  readonly cookieHeader: string
}

/** `Authorization` with the ID token of a sign-in; the service must have `set_authorization_header`. */
export async function bearerAt(service: Service): Promise<string> {
  const cookie = await signInAt(service)
  const answer = await fetch(`${service.url}/oauth2/auth`, { headers: { cookie } })
  const authorization = answer.headers.get('authorization')
  if (authorization === null) throw new Error(`no token from ${service.url}`)
  return authorization
}

export interface SessionMaker {
  /** `Cookie` headers of so many new sessions, each of another person. */
  make(count: number): Promise<readonly string[]>
  makePerson(): Promise<Person>
}

/** Makes sessions like that of `cookieHeader` with the service's own store, not by sign-ins. */
export async function createSessionMaker(
  t: Cleanup,
  { configPath }: Service,
  cookieHeader: string,
): Promise<SessionMaker> {
  const readFile = (path: string) => readFileSync(path, 'utf8')
  const loaded = loadOptions({ argv: ['--config', configPath], env: {}, readFile })
  if (!loaded.ok) throw new Error(`cannot read ${configPath}`)
  const store = await createSessionStore(loaded.options, {
    clock: systemClock,
    log: { debug() {}, info() {}, warn: console.error, error: console.error },
    observe() {},
  })
  afterTest(t, () => store.close())
  await eventually(() => store.ping())
  const host = 'app.example.com'
  const found = await store.load({ cookies: parseCookies(cookieHeader), host })
  if (found.state !== 'found') throw new Error('the session of the sign-in does not open')
  const { session } = found

  async function makePerson(): Promise<Person> {
    const own = another(session)
    const cookies = await store.create(own, { cookies: new Map(), host })
    const cookieHeader = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    return { user: own.identity.user, cookieHeader }
  }

  return {
    makePerson,
    async make(count) {
      const headers: string[] = []
      const batch = 100
      while (headers.length < count) {
        const missing = Math.min(batch, count - headers.length)
        const people = await Promise.all(Array.from({ length: missing }, makePerson))
        headers.push(...people.map(({ cookieHeader }) => cookieHeader))
      }
      return headers
    },
  }
}

function another(session: Session): Session {
  const id = randomUUID()
  const identity = { ...session.identity, user: id, email: `${id}@example.com` }
  return { ...session, id, identity }
}

/** The same header with a character changed in the middle of each cookie: nothing opens it. */
export function spoil(cookieHeader: string): string {
  return cookieHeader
    .split('; ')
    .map((pair) => {
      const middle = Math.floor(pair.length / 2)
      return pair.slice(0, middle) + (pair[middle] === 'A' ? 'B' : 'A') + pair.slice(middle + 1)
    })
    .join('; ')
}
