import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterTest, type Cleanup } from './cleanup.ts'

export type Endpoint = 'discovery' | 'jwks' | 'token' | 'userinfo'

export interface ReceivedRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly form: URLSearchParams
}

/** `hang`: no answer. `drip`: JSON that never ends, a byte at a time. */
export type Answer =
  | 'hang'
  | 'drip'
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      /** Text as it is, anything else as JSON. */
      readonly body?: unknown
    }

export interface SigningKey {
  readonly kid: string
  readonly alg: 'RS256' | 'ES256'
  readonly privateKey: KeyObject
  /** As the key set publishes it. */
  readonly publicJwk: Readonly<Record<string, unknown>>
}

export type Claims = Readonly<Record<string, unknown>>

export interface HostileProvider {
  readonly issuer: string
  readonly nonce: string
  readonly key: SigningKey
  /** How often each endpoint was asked. */
  readonly received: Readonly<Record<Endpoint, readonly ReceivedRequest[]>>
  /** Replaces the honest answer of an endpoint; undefined makes it honest again. */
  bend(endpoint: Endpoint, answer: Answer | (() => Answer) | undefined): void
  /** What an honest provider says. */
  metadata(changes?: Claims): Claims
  tokens(changes?: Claims): Claims
  idTokenClaims(changes?: Claims): Claims
  /** An ID token, signed. `undefined` as a change takes a claim away. */
  idToken(changes?: Claims, header?: Claims): string
  profile(changes?: Claims): Claims
  /** A logout token, signed; `undefined` as above. */
  logoutToken(changes?: Claims, header?: Claims): string
}

export const hostileSubject = 'mallory'

/** An OpenID provider each answer of which a test can bend. There is no sign-in: any code is good. */
export async function startHostileProvider(
  t: Cleanup,
  key: SigningKey = newKey(),
): Promise<HostileProvider> {
  const received: Record<Endpoint, ReceivedRequest[]> = {
    discovery: [],
    jwks: [],
    token: [],
    userinfo: [],
  }
  const bent = new Map<Endpoint, () => Answer>()
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const provider: HostileProvider = {
    issuer,
    nonce: 'n-0S6_WzA2Mj',
    key,
    received,
    bend(endpoint, answer) {
      if (answer === undefined) bent.delete(endpoint)
      else bent.set(endpoint, typeof answer === 'function' ? answer : () => answer)
    },
    metadata: (changes = {}) => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
      userinfo_signing_alg_values_supported: ['ES256'],
      ...changes,
    }),
    tokens: (changes = {}) => ({
      access_token: 'honest-access-token',
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: 'honest-refresh-token',
      id_token: provider.idToken(),
      ...changes,
    }),
    idTokenClaims: (changes = {}) => ({
      iss: issuer,
      aud: 'sallyport',
      sub: hostileSubject,
      iat: nowSeconds(),
      exp: nowSeconds() + 300,
      nonce: provider.nonce,
      at_hash: leftHash('honest-access-token'),
      ...provider.profile(),
      ...changes,
    }),
    idToken: (changes, header = {}) => signJwt(provider.idTokenClaims(changes), key, header),
    logoutToken: (changes = {}, header = {}) => {
      const claims = {
        iss: issuer,
        aud: 'sallyport',
        iat: nowSeconds(),
        exp: nowSeconds() + 120,
        jti: 'logout-1',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        sub: hostileSubject,
        sid: 'provider-session-1',
        ...changes,
      }
      return signJwt(claims, key, { typ: 'logout+jwt', ...header })
    },
    profile: (changes = {}) => ({
      sub: hostileSubject,
      email: 'mallory@example.com',
      email_verified: true,
      preferred_username: 'mallory',
      groups: ['dev'],
      ...changes,
    }),
  }
  const honest: Readonly<Record<Endpoint, () => Answer>> = {
    discovery: () => ({ body: provider.metadata() }),
    jwks: () => ({ body: { keys: [key.publicJwk] } }),
    token: () => ({ body: provider.tokens() }),
    userinfo: () => ({ body: provider.profile() }),
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoint = endpoints[request.url?.split('?')[0] ?? '']
    if (endpoint === undefined) return void response.writeHead(404).end()
    received[endpoint].push(await readRequest(request))
    send(response, (bent.get(endpoint) ?? honest[endpoint])())
  }
  return provider
}

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/.well-known/openid-configuration': 'discovery',
  '/jwks': 'jwks',
  '/.well-known/jwks.json': 'jwks',
  '/token': 'token',
  '/userinfo': 'userinfo',
}

export function newKey(alg: SigningKey['alg'] = 'ES256', kid = 'key-1'): SigningKey {
  const { privateKey, publicKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { kid, alg, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, alg } }
}

/** `claims` as text are signed as they stand, valid JSON or not. */
export function signJwt(claims: Claims | string, key: SigningKey, header: Claims = {}): string {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const fullHeader = JSON.stringify({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
  const input = `${encode(fullHeader)}.${encode(payload)}`
  const signature = sign('sha256', Buffer.from(input), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${signature.toString('base64url')}`
}

/** OpenID Connect Core 3.1.3.6, for algorithms with SHA-256. */
export function leftHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

async function readRequest(request: IncomingMessage): Promise<ReceivedRequest> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  const { method = '', url = '', headers } = request
  return { method, url, headers, form: new URLSearchParams(body) }
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return
  if (answer === 'drip') {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":"')
    const timer = setInterval(() => response.write('a'), 20)
    response.on('close', () => clearInterval(timer))
    return
  }
  const { status = 200, headers = {}, body = '' } = answer
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
