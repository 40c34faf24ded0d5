// The public listener: Fastify with our limits, ids, logging and error handling; the routes are
// registered by the caller.
import {
  createServer as createHttpServer,
  METHODS,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import fastifyCookie from '@fastify/cookie'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify'
import { createAnswerTracker, refuseNamelessPeers } from './connections.ts'
import { createDirectHandlers, type DirectHandler, type DirectHandlers } from './direct-handlers.ts'
import { isPortalPath, pathOf, toRawRequest } from './raw-request.ts'
import { pageAnswer, sendAnswer } from './send.ts'
import { samePage } from '../auth/page-links.ts'
import { createRequestId } from '../auth/request-id.ts'
import { servedRequest, type Checked } from '../auth/served-request.ts'
import type { TlsMaterial } from './tls-material.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { HttpAnswer } from '../core/http.ts'
import type { Front } from '../fronts/front.ts'
import { secondsSince } from '../lib/clock.ts'
import type { Pages } from '../pages/pages.ts'
import type { Probes } from '../telemetry/health.ts'
import type { Route } from '../telemetry/metric-list.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RequestLog } from '../telemetry/request-log.ts'

export interface ServerDeps {
  readonly options: {
    readonly request_id_header: string
    readonly force_https: boolean
    readonly proxy_prefix: string
  }
  readonly hasUpstreams: boolean
  /** Absent = plain http. */
  readonly tls: TlsMaterial | undefined
  readonly browserFront: Front
  readonly probes: Probes
  readonly pages: Pages
  readonly metrics: Pick<Metrics, 'requestServed'>
  readonly requestLog: RequestLog | undefined
  readonly log: Log
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Has a path answered, or with `/*` at its end all below it, whatever the method, before Fastify
     * looks at the request.
     */
    answerDirectly(path: string, handler: DirectHandler): void
  }
  interface FastifyRequest {
    /** The check behind this request, for its log line. */
    checked: Checked | undefined
  }
  interface FastifyContextConfig {
    /** The route's name in metrics. */
    route?: Route
    /** Its handler keeps the log. */
    isDirect?: boolean
  }
}

/** Above nginx' and Traefik's idle time for upstream connections (60 and 90 s): they close first. */
const keepAliveTimeoutMs = 120_000
const headersTimeoutMs = 60_000
const requestTimeoutMs = 60_000
const handshakeTimeoutMs = 10_000
const maxHeaderBytes = 64 * 1024

export type Server = FastifyInstance

export async function createServer(deps: ServerDeps): Promise<Server> {
  const { options, log } = deps
  const direct = createDirectHandlers()
  const app = Fastify({
    logger: false,
    genReqId: createRequestId(options.request_id_header),
    requestIdHeader: false,
    return503OnClosing: false,
    // A path that cannot be decoded: found out before any hook runs.
    frameworkErrors: (error, request, reply) => {
      void sendAnswer(reply, errorAnswer(error, request, deps))
    },
    serverFactory: (handler) => createListener(direct, handler, deps),
    // Fastify's own would load Ajv, 110 modules, for nothing.
    schemaController: {
      compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas },
    },
  })
  app.decorate('answerDirectly', (path: string, handler: DirectHandler) => {
    direct.add(path, handler)
    // Requests that are injected (tests) come to Fastify alone.
    app.all(path, { config: { isDirect: true } }, (request, reply) => {
      reply.hijack()
      handler(request.raw, reply.raw)
    })
  })
  // Session cookies are read by `session/`, which looks at every one of a name.
  await app.register(fastifyCookie, { hook: false })
  // Any method may be asked about. Bodies are for upstreams, which get them unread; only the portal
  // reads forms, by itself.
  for (const method of METHODS) {
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  }
  app.decorateRequest('checked', undefined)

  addProbes(app, deps)
  if (options.force_https) addHttpsRedirect(app, deps)
  addRequestLog(app, deps)

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const answer = errorAnswer(error, request, deps)
    if (answer.status >= 500) {
      log.error('request failed', { requestId: request.id, cause: describeError(error) })
    }
    return sendAnswer(reply, answer)
  })
  return app
}

function createListener(
  direct: DirectHandlers,
  handler: DirectHandler,
  { options, hasUpstreams, tls }: ServerDeps,
): HttpServer {
  const answers = createAnswerTracker()
  const settings = {
    maxHeaderSize: maxHeaderBytes,
    // A check has no body: no stream is set up and drained for it.
    optimizeEmptyRequests: true,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // An upload to an upstream takes as long as it takes.
    requestTimeout: hasUpstreams ? 0 : requestTimeoutMs,
    // An upgrade takes the connection over, so nothing on it may be open. One that is refused here
    // is a request like any other, which no upstream gets with its Upgrade.
    shouldUpgradeCallback: (request: IncomingMessage) =>
      hasUpstreams &&
      request.headers.upgrade?.toLowerCase() === 'websocket' &&
      !isPortalPath(request.url, options.proxy_prefix) &&
      !answers.isBehindAnother(request),
  }
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const answerer = direct.find(incoming.url ?? '') ?? handler
    answerer(incoming, outgoing)
  }
  const server = tls
    ? createTlsListener(tls, settings, listener)
    : createHttpServer(settings, listener)
  refuseNamelessPeers(server)
  if (hasUpstreams) answers.track(server)
  return server
}

function createTlsListener(
  tls: TlsMaterial,
  settings: ServerOptions,
  listener: DirectHandler,
): HttpServer {
  const secured = { ...settings, handshakeTimeout: handshakeTimeoutMs, ...tls.current() }
  const server = createHttpsServer(secured, listener)
  tls.follow((material) => server.setSecureContext(material))
  return server
}

/** A route with one has to bring its compilers. */
function noSchemas(): never {
  throw new Error('routes have no schemas')
}

function addProbes(app: FastifyInstance, { probes }: ServerDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    const answer = probes(pathOf(request.raw.url ?? ''), request.headers['user-agent'])
    if (answer) await sendAnswer(reply, await answer)
  })
}

/** Checks are asked by gateways, not by browsers: a redirect would only break them. */
function addHttpsRedirect(app: FastifyInstance, { options, browserFront }: ServerDeps): void {
  const { proxy_prefix } = options
  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request.raw.url ?? '')
    if (path === `${proxy_prefix}/auth` || path.startsWith(`${proxy_prefix}/check/`)) return
    const read = browserFront.read(toRawRequest(request.raw, request.id))
    if (!read.ok || read.request.scheme === 'https') return
    const host = read.request.host.replace(/:\d+$/, '')
    await reply.code(308).header('location', `https://${host}${request.raw.url}`).send()
  })
}

/** Also for who hangs up before the answer: an upstream may have done what they came for. */
function addRequestLog(app: FastifyInstance, deps: ServerDeps): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.isDirect) return done()
    const startedNs = process.hrtime.bigint()
    reply.raw.once('close', () => logRequest(request, reply.raw, secondsSince(startedNs), deps))
    done()
  })
}

/** As nginx: the client went away before it was answered. */
const clientGone = 499

function logRequest(
  request: FastifyRequest,
  response: ServerResponse,
  seconds: number,
  { metrics, requestLog }: ServerDeps,
): void {
  const { raw, id, checked } = request
  const status = response.headersSent ? response.statusCode : clientGone
  metrics.requestServed(routeOf(request), status, seconds)
  requestLog?.(servedRequest(toRawRequest(raw, id), status, seconds * 1000, checked))
}

function routeOf(request: FastifyRequest): Route {
  return request.routeOptions.config.route ?? (request.checked ? 'upstream' : 'other')
}

/** SEC-39: an error says what kind it is and nothing of where it happened. */
function errorAnswer(
  error: FastifyError,
  request: FastifyRequest,
  { pages }: ServerDeps,
): HttpAnswer {
  const requestId = request.id
  if (error instanceof Unavailable) {
    const reason = `${error.dependency}-unavailable` as const
    const retryUrl = request.method === 'GET' ? samePage(request.raw.url ?? '') : '/'
    const answer = pageAnswer(503, pages.unavailable({ reason, requestId, retryUrl }))
    return { ...answer, headers: { ...answer.headers, 'retry-after': '5' } }
  }
  const status = error.statusCode ?? 500
  if (status < 500) {
    return pageAnswer(status, pages.badRequest({ message: badRequestMessage(status), requestId }))
  }
  const page = pages.unavailable({ reason: 'internal-error', requestId, retryUrl: '/' })
  return pageAnswer(500, page)
}

function badRequestMessage(status: number): string {
  if (status === 413) return 'The request is larger than this service takes.'
  return 'The request is not valid.'
}
