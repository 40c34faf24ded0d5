import { generateKeyPairSync, randomBytes, type JsonWebKey } from 'node:crypto'
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider, type Context } from 'oidc-provider'
import { afterTest, type Cleanup } from './cleanup.ts'
import { problemPage, signInPage, signOutPage, signedOutPage } from './provider-pages.ts'
import { createUserAgent, type UserAgent } from './user-agent.ts'

export interface ProviderUser {
  readonly sub: string
  readonly email: string
  readonly password: string
  readonly email_verified: boolean
  readonly preferred_username: string
  readonly groups: readonly string[]
}

export const alice: ProviderUser = {
  sub: '248289761001',
  email: 'alice@example.com',
  password: 'alice',
  email_verified: true,
  preferred_username: 'alice',
  groups: ['admin', 'dev'],
}

export const bob: ProviderUser = {
  sub: '248289761002',
  email: 'bob@example.com',
  password: 'bob',
  email_verified: true,
  preferred_username: 'bob',
  groups: ['dev'],
}

export interface ProviderSettings {
  /** Name and port under which it is reached. Default: `127.0.0.1` and a free port. */
  readonly host?: string
  readonly port?: number
  readonly users?: readonly ProviderUser[]
  /** Exactly these callbacks are allowed. Default: any. */
  readonly redirectUris?: readonly string[]
  /** Lifetimes in seconds. */
  readonly ttl?: {
    readonly AccessToken?: number
    readonly IdToken?: number
    readonly RefreshToken?: number
    readonly Session?: number
  }
  /** Said of everyone besides: name to value. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** A new refresh token at each refresh; the old one used again ends them all. Default: true. */
  readonly rotateRefreshTokens?: boolean
  /** Told of each sign-out here (Back-Channel Logout 1.0); ID tokens carry a `sid` then. */
  readonly backChannelLogoutUri?: string
}

export interface RunningProvider {
  readonly issuer: string
  /** A confidential client (`client_secret_basic`). */
  readonly clientId: string
  readonly clientSecret: string
  /** A client without secret, which must use PKCE. */
  readonly publicClientId: string
  /** `GET /.well-known/openid-configuration`, in the order received. */
  readonly requests: readonly string[]
  /** New signing key at once, the old one is gone. */
  rotateKeys(): void
  /** Every refresh token is refused from now on (`invalid_grant`). */
  revokeRefreshTokens(): void
  /** While true, everything is answered with 503. */
  setDown(isDown: boolean): void
  /** Nothing is answered until the function that this returns is called. */
  holdAnswers(): () => void
  stop(): Promise<void>
}

const clientId = 'sallyport'
const clientSecret = 'sallyport-test-secret'
const publicClientId = 'sallyport-public'
const scopes = 'openid email profile groups offline_access'

/** An OpenID provider for a test; it ends with it. */
export async function startProvider(
  t: Cleanup,
  settings: ProviderSettings = {},
): Promise<RunningProvider> {
  const provider = await createDemoProvider(settings)
  afterTest(t, () => provider.stop())
  return provider
}

/** A real OpenID provider in this process. Consent is given for everyone. */
export async function createDemoProvider(
  settings: ProviderSettings = {},
): Promise<RunningProvider> {
  const requests: string[] = []
  const state: State = { store: new Map(), cookieKey: randomBytes(32).toString('hex') }
  let listener: RequestListener = (_request, response) => response.writeHead(503).end()
  let isDown = false
  let held: (() => void)[] | undefined

  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split('?')[0]}`)
    if (isDown) response.writeHead(503).end()
    else if (held) held.push(() => listener(request, response))
    else listener(request, response)
  })
  server.listen(settings.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = `http://${settings.host ?? '127.0.0.1'}:${port}`
  const users = settings.users ?? [alice, bob]
  const serve = (): void => {
    const configuration = configure(settings, users, state)
    listener = createListener(new Provider(issuer, configuration), settings, users)
  }
  serve()

  return {
    issuer,
    clientId,
    clientSecret,
    publicClientId,
    requests,
    rotateKeys: serve,
    revokeRefreshTokens() {
      const { store } = state
      for (const key of store.keys()) if (key.startsWith('RefreshToken:')) store.delete(key)
    },
    setDown(down) {
      isDown = down
    },
    holdAnswers() {
      held = []
      return () => {
        const waiting = held ?? []
        held = undefined
        for (const answer of waiting) answer()
      }
    },
    async stop() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/**
 * Does what a person does at the provider: follows redirects, fills in the form. Returns the URL of
 * the callback, which is not visited. An `agent` that was here before is signed in still.
 */
export async function signInAtProvider(
  authorizationUrl: string,
  user: Pick<ProviderUser, 'email' | 'password'> = alice,
  agent: UserAgent = createUserAgent(),
): Promise<string> {
  const redirectUri = new URL(authorizationUrl).searchParams.get('redirect_uri') ?? ''
  let url = authorizationUrl
  let isFormSent = false
  while (!url.startsWith(`${redirectUri}?`)) {
    let reply = await agent.request(url)
    if (reply.headers.location === undefined) {
      if (reply.status !== 200 || isFormSent) throw new Error(`cannot sign in:\n${reply.body}`)
      isFormSent = true
      const body = new URLSearchParams({ email: user.email, password: user.password }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      reply = await agent.request(url, { method: 'POST', headers, body })
    }
    url = new URL(reply.headers.location ?? reply.url, reply.url).href
  }
  return url
}

function configure(
  { ttl, claims = {}, rotateRefreshTokens = true, backChannelLogoutUri }: ProviderSettings,
  users: readonly ProviderUser[],
  { store, cookieKey }: State,
): Readonly<Record<string, unknown>> {
  const common = {
    redirect_uris: ['https://replaced.example/'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
    ...(backChannelLogoutUri !== undefined && {
      backchannel_logout_uri: backChannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
  }
  return {
    adapter: (model: string) => createAdapter(model, store),
    clients: [
      { ...common, client_id: clientId, client_secret: clientSecret },
      { ...common, client_id: publicClientId, token_endpoint_auth_method: 'none' },
    ],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    jwks: { keys: [newSigningKey()] },
    cookies: { keys: [cookieKey] },
    scopes: scopes.split(' '),
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username', 'groups', ...Object.keys(claims)],
      groups: ['groups'],
    },
    conformIdTokenClaims: false,
    findAccount: (_context: Context, id: string) => findAccount(users, claims, id),
    loadExistingGrant,
    interactions: { url: (_context: Context, { uid }: { uid: string }) => `/sign-in/${uid}` },
    pkce: { required: (_context: Context, client: { clientId: string }) => isPublic(client) },
    issueRefreshToken: () => true,
    rotateRefreshToken: rotateRefreshTokens,
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
      ...ttl,
    },
    // Its own refuses to call this machine.
    fetch: (
      url: string,
      { dispatcher: _dispatcher, ...init }: RequestInit & { dispatcher?: unknown },
    ) => fetch(url, init),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: Context, form: string) => render(context, signOutPage(form)),
        postLogoutSuccessSource: (context: Context) => render(context, signedOutPage()),
      },
    },
    renderError: (context: Context, problem: Readonly<Record<string, string>>) =>
      render(context, problemPage(problem)),
  }
}

function render(context: Context, html: string): void {
  context.type = 'html'
  context.body = html
}

function isPublic({ clientId }: { clientId: string }): boolean {
  return clientId === publicClientId
}

function newSigningKey(): JsonWebKey & { readonly kid: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = randomBytes(8).toString('hex')
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }
}

function findAccount(
  users: readonly ProviderUser[],
  claims: Readonly<Record<string, unknown>>,
  id: string,
) {
  const user = users.find(({ sub }) => sub === id)
  if (user === undefined) return undefined
  const { password: _, ...known } = user
  return { accountId: id, claims: () => ({ ...known, ...claims }) }
}

async function loadExistingGrant({ oidc }: Context) {
  const { client, provider, session } = oidc
  const id = session.grantIdFor(client.clientId)
  // One that was revoked, for a code that came twice, is gone.
  const known = id === undefined ? undefined : await provider.Grant.find(id)
  if (known) return known
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(scopes)
  await grant.save()
  return grant
}

function createListener(
  provider: Provider,
  { redirectUris }: ProviderSettings,
  users: readonly ProviderUser[],
): RequestListener {
  const isAllowed = (uri: string): boolean => redirectUris?.includes(uri) ?? true
  provider.Client.prototype.redirectUriAllowed = isAllowed
  provider.Client.prototype.postLogoutRedirectUriAllowed = () => true
  const handle = provider.callback()
  const hint = `Try ${users.map(({ email, password }) => `${email} / ${password}`).join(' or ')}.`

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Throws unless the browser brings the cookie of this interaction.
    await provider.interactionDetails(request, response)
    const form = request.method === 'POST' ? await readForm(request) : undefined
    if (form?.has('cancel')) {
      const refusal = { error: 'access_denied', error_description: 'the person cancelled' }
      return provider.interactionFinished(request, response, refusal)
    }
    const user = users.find(
      ({ email, password }) => form?.get('email') === email && form.get('password') === password,
    )
    if (user) {
      const login = { accountId: user.sub }
      return provider.interactionFinished(request, response, { login })
    }
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(signInPage({ hint, isRefused: form !== undefined }))
  }

  return (request, response) => {
    if (request.url?.startsWith('/sign-in/') !== true) return handle(request, response)
    signIn(request, response).catch((error: unknown) => {
      const page = problemPage({ error: error instanceof Error ? error.message : 'unknown' })
      response.writeHead(400, { 'content-type': 'text/html; charset=utf-8' }).end(page)
    })
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return new URLSearchParams(body)
}

type Entry = Record<string, unknown>

/** What outlives a rotation of keys. */
interface State {
  readonly store: Map<string, Entry>
  readonly cookieKey: string
}

/** oidc-provider's storage, one map for all models. */
function createAdapter(model: string, store: Map<string, Entry>) {
  const keyOf = (id: string): string => `${model}:${id}`
  return {
    find: (id: string) => Promise.resolve(store.get(keyOf(id))),
    findByUid: (uid: string) =>
      Promise.resolve(
        [...store].find(([key, entry]) => key.startsWith(`${model}:`) && entry['uid'] === uid)?.[1],
      ),
    upsert(id: string, entry: Entry) {
      store.set(keyOf(id), entry)
      return Promise.resolve()
    },
    consume(id: string) {
      const entry = store.get(keyOf(id))
      if (entry) entry['consumed'] = Math.floor(Date.now() / 1000)
      return Promise.resolve()
    },
    destroy(id: string) {
      store.delete(keyOf(id))
      return Promise.resolve()
    },
    revokeByGrantId(grantId: string) {
      for (const [key, entry] of store) if (entry['grantId'] === grantId) store.delete(key)
      return Promise.resolve()
    },
  }
}
