// The service, a real provider and a browser without screen, all in this process on loopback.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { stringify } from 'smol-toml'
import type { Session } from '../../../src/core/session.ts'
import { systemClock, type Clock } from '../../../src/lib/clock.ts'
import { parseCookies } from '../../../src/lib/cookie-header.ts'
import { createSessionStore } from '../../../src/session/create-session-store.ts'
import { buildApp, type TestApp } from '../../support/app.ts'
import type { Cleanup } from '../../support/cleanup.ts'
import { eventually } from '../../support/eventually.ts'
import { clientOptions } from '../../support/gateway-site.ts'
import {
  alice,
  signInAtProvider,
  type ProviderUser,
  type RunningProvider,
} from '../../support/provider.ts'
import { startRedis } from '../../support/redis.ts'
import type { TomlValue } from '../../support/sallyport.ts'
import { recordedLog } from '../../support/sessions.ts'
import { signIn } from '../../support/sign-in.ts'
import { createUserAgent, type Reply, type UserAgent } from '../../support/user-agent.ts'

export type Settings = Readonly<Record<string, TomlValue>>

export interface Service extends TestApp {
  readonly port: number
  readonly clock: Clock
  /** Address of a path on a host, by default the app's: every name leads here. */
  at(path: string, host?: string): string
}

export const appHost = 'app.example.com'

/** A service for this provider, as a configuration file describes it. */
export async function startService(
  t: Cleanup,
  provider: Pick<RunningProvider, 'issuer' | 'clientId' | 'clientSecret'>,
  settings: Settings = {},
  clock: Clock = systemClock,
): Promise<Service> {
  const config = { http_address: '127.0.0.1:0', ...clientOptions(provider), ...settings }
  const app = await buildApp(t, stringify(config), clock)
  const port = Number(new URL(await app.listen()).port)
  return { ...app, port, clock, at: (path, host = appHost) => `http://${host}:${port}${path}` }
}

/** Signs a person in and returns their browser. */
export async function signedIn(service: Service, user?: ProviderUser): Promise<UserAgent> {
  const agent = createUserAgent()
  const landed = await signIn(agent, service.at('/oauth2/start?rd=/app'), user)
  assert.equal(landed.url, service.at('/app'), landed.body)
  return agent
}

/** The two answers of the service that a sign-in is made of; no redirect of it is followed. */
export async function signInByHand(
  service: Service,
  agent: UserAgent = createUserAgent(),
  { host = appHost, user = alice }: { readonly host?: string; readonly user?: ProviderUser } = {},
): Promise<{ readonly started: Reply; readonly callbackUrl: string; readonly ended: Reply }> {
  const started = await agent.request(service.at('/oauth2/start?rd=/app', host))
  const callbackUrl = await signInAtProvider(started.headers.location ?? '', user, agent)
  return { started, callbackUrl, ended: await agent.request(callbackUrl) }
}

/** What nginx asks: the cookies of a browser, and nothing of the request. */
export function check(agent: UserAgent, service: Service, query = ''): Promise<Reply> {
  return agent.request(service.at(`/oauth2/auth${query}`))
}

/** What a browser's cookies open, read past the service; not for sessions in its memory. */
export async function sessionOf(agent: UserAgent, service: Service): Promise<Session> {
  const log = recordedLog()
  const deps = { clock: service.clock, log, observe: () => undefined }
  const store = await createSessionStore(service.options, deps)
  const cookies = parseCookies(agent.cookies.header(new URL(service.at('/'))))
  try {
    const loaded = await eventually(() => store.load({ cookies, host: appHost }))
    assert.ok(loaded.state === 'found')
    return loaded.session
  } finally {
    await store.close()
  }
}

export function setCookies({ headers }: Reply): readonly string[] {
  return headers['set-cookie'] ?? []
}

/** How many refreshes and code exchanges the provider was asked for. */
export function tokenRequests({ requests }: RunningProvider): number {
  return requests.filter((request) => request === 'POST /token').length
}

type StoreTest = (t: TestContext, store: Settings) => Promise<void>

/** One test for each place where sessions can live. */
export function testEachStore(name: string, run: StoreTest): void {
  testEachSharedStore(name, run)
  test(`${name} (memory store)`, (t) => run(t, { session_store_type: 'memory' }))
}

/** As `testEachStore`, for what takes several processes that know each other's sessions. */
export function testEachSharedStore(name: string, run: StoreTest): void {
  test(`${name} (cookie store)`, (t) => run(t, { session_store_type: 'cookie' }))
  test(`${name} (redis store)`, async (t) => {
    const redis = await startRedis(t)
    if (redis) await run(t, redisStore(redis.url))
  })
}

export function redisStore(url: string): Settings {
  return { session_store_type: 'redis', redis_connection_url: url }
}
