import type { Cleanup } from '../support/cleanup.ts'
import type { Load } from './load.ts'
import { checkRequest } from './requests.ts'
import { storeOf, type Scenario, type ServiceName } from './scenarios.ts'
import { startService, type Program, type Service } from './service.ts'
import { bearerAt, createSessionMaker, signInAt, spoil } from './sessions.ts'
import type { Surroundings } from './surroundings.ts'

/** One scenario on one program, ready to be measured. */
export interface Subject {
  /** The process whose CPU time counts. */
  readonly pid: number
  /** The load of the next round; what it takes is made now, so that it costs nothing later. */
  prepare(requests: number): Promise<Load>
}

/** A service and somebody who has signed in. */
export interface SignedIn {
  readonly service: Service
  readonly cookieHeader: string
}

/** The services of one program, each started when it is first needed. */
export interface Stage {
  signedIn(name: ServiceName): Promise<SignedIn>
  /** `Authorization` with a token that the service `bearer` takes. */
  bearer(): Promise<string>
  subject(scenario: Scenario): Promise<Subject>
}

export function createStage(
  t: Cleanup,
  program: Program,
  { settings, redisUrl }: Surroundings,
): Stage {
  const started = new Map<ServiceName, Promise<SignedIn>>()

  async function start(name: ServiceName): Promise<SignedIn> {
    const store = storeOf(name)
    const service = await startService(t, program, {
      ...settings,
      session_store_type: store,
      ...(store === 'redis' && { redis_connection_url: redisUrl }),
      ...(name === 'bearer' && { skip_jwt_bearer_tokens: true }),
      ...(name === 'quiet' && { request_logging: false, auth_logging: false }),
    })
    return { service, cookieHeader: await signInAt(service) }
  }

  function signedIn(name: ServiceName): Promise<SignedIn> {
    const running = started.get(name) ?? start(name)
    started.set(name, running)
    return running
  }

  let token: Promise<string> | undefined

  async function fetchToken(): Promise<string> {
    const service = await startService(t, program, { ...settings, set_authorization_header: true })
    const authorization = await bearerAt(service)
    await service.stop()
    return authorization
  }

  function bearer(): Promise<string> {
    token ??= fetchToken()
    return token
  }

  return {
    signedIn,
    bearer,
    async subject(scenario) {
      const { service, cookieHeader } = await signedIn(scenario.service)
      const asked = { service, cookieHeader, bearer }
      const newRequests = await createRequests(t, scenario, asked)
      const { port } = service
      const { status } = scenario
      const keepsConnections = scenario.gateway !== 'nginx-default'
      return {
        pid: service.pid,
        async prepare(requests) {
          return { port, status, keepsConnections, requests: await newRequests(requests) }
        },
      }
    },
  }
}

/** Always the same list, or a new one of so many for each round. */
type NewRequests = (count: number) => Promise<readonly Uint8Array[]>

async function createRequests(
  t: Cleanup,
  { cookies, gateway }: Scenario,
  { service, cookieHeader, bearer }: SignedIn & Pick<Stage, 'bearer'>,
): Promise<NewRequests> {
  const requests = (headers: readonly string[]) =>
    headers.map((header) => checkRequest(gateway, header))
  switch (cookies) {
    case 'one':
      return always(requests([cookieHeader]))
    case 'none':
      return always(requests(['']))
    case 'bearer':
      return always([checkRequest(gateway, '', await bearer())])
    case 'spoiled':
      return always(requests([spoil(cookieHeader)]))
    case 'thousand': {
      const { make } = await createSessionMaker(t, service, cookieHeader)
      return always(requests(await make(1_000)))
    }
    case 'new': {
      const { make } = await createSessionMaker(t, service, cookieHeader)
      return async (count) => requests(await make(count))
    }
  }
}

function always(list: readonly Uint8Array[]): NewRequests {
  return () => Promise.resolve(list)
}
