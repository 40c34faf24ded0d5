// The composition root: options in, a running service out. No logic.
import { createActivity } from './auth/activity.ts'
import { createAdmin } from './auth/admin.ts'
import { createBearerSessions } from './auth/bearer-token.ts'
import { createCheck } from './auth/check.ts'
import { createCookieWatch } from './auth/cookie-watch.ts'
import { createDoctorProbes } from './auth/doctor-probe.ts'
import { createLogin } from './auth/login.ts'
import { createPortalUrls } from './auth/portal-urls.ts'
import { createOwnSessions } from './auth/own-sessions.ts'
import { createProviderLogout } from './auth/provider-logout.ts'
import { createRecorder } from './auth/recorder.ts'
import { createRefreshSession } from './auth/refresh-session.ts'
import { createSessionWatch } from './auth/session-watch.ts'
import { createSignOut } from './auth/sign-out.ts'
import { createLiveSecrets } from './config/live-secrets.ts'
import type { ListenAddress } from './config/kinds/network.ts'
import type { Options } from './config/options.ts'
import { describeError } from './core/errors.ts'
import { createCaddyFront } from './fronts/caddy.ts'
import { createCrossOrigin } from './fronts/cross-origin.ts'
import { createEnvoyFront } from './fronts/envoy.ts'
import { createEnvoyGrpcFront } from './fronts/envoy-grpc.ts'
import { createHaproxyFront } from './fronts/haproxy.ts'
import { createNgfFront } from './fronts/ngf.ts'
import { createNginxFront } from './fronts/nginx.ts'
import { createProxyFront } from './fronts/proxy.ts'
import { createTraefikFront } from './fronts/traefik.ts'
import { createProxyTrust } from './fronts/trust.ts'
import type { GrpcServer } from './grpc/server.ts'
import { createIdentityHeaders } from './headers/identity-headers.ts'
import { startAdminServer } from './http/admin-server.ts'
import { registerCheck } from './http/checks.ts'
import { createClientLimits } from './http/client-limits.ts'
import { createDrain } from './http/drain.ts'
import { registerOwnSessions } from './http/own-sessions.ts'
import { createPortal, registerPortal } from './http/portal.ts'
import { registerProviderLogout } from './http/provider-logout.ts'
import { registerProxy } from './http/proxy.ts'
import { createServer, type Server } from './http/server.ts'
import { createTlsMaterial } from './http/tls-material.ts'
import { createBackground } from './lib/background.ts'
import type { Clock } from './lib/clock.ts'
import type { HttpListener, ListenerAddress } from './lib/http-listener.ts'
import { privateRanges } from './lib/ip.ts'
import type { Environment } from './lib/proxy-from-environment.ts'
import { within } from './lib/within.ts'
import { createOidcClient } from './oidc/client.ts'
import { createLoginStates } from './oidc/login-state.ts'
import { createProviderTrust } from './oidc/provider-trust.ts'
import { createPages } from './pages/pages.ts'
import { createAuthenticatedEmails } from './policy/authenticated-emails.ts'
import { createAuthorize } from './policy/authorize.ts'
import { isWithinLimits } from './policy/limits.ts'
import { createSkipRules } from './policy/skip-rules.ts'
import { createRedirects } from './redirects/redirects.ts'
import { createCookieWriter } from './session/cookies.ts'
import { createSessionStore } from './session/create-session-store.ts'
import { createForwarder } from './upstream/forwarder.ts'
import { createTargets } from './upstream/targets.ts'
import { createAudit } from './telemetry/audit.ts'
import { createProbes } from './telemetry/health.ts'
import type { LineWriter } from './telemetry/line-writer.ts'
import { createLogger } from './telemetry/logger.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { startMetricsServer } from './telemetry/metrics-server.ts'
import { createRequestLog } from './telemetry/request-log.ts'

export interface AppDeps {
  readonly options: Options
  readonly version: string
  readonly clock: Clock
  /** Where log lines go. */
  readonly lines: LineWriter
  /** For the proxy to the provider that it may name; the options are read. */
  readonly environment: Environment
}

export interface App {
  readonly server: Server
  /** Resolves with the address once all listeners are up: a URL, or `unix:///path`. */
  listen(): Promise<string>
  /** Serves what is under way, then ends; rejects after `shutdown_timeout`. */
  close(): Promise<void>
}

/** Throws an Error for the operator when a file that an option names cannot be used. */
export async function createApp(deps: AppDeps): Promise<App> {
  const { options, version, clock, lines, environment } = deps
  const log = createLogger(options, lines)
  const metrics = createMetrics({ version })
  const observe = metrics.observeStore
  const secrets = createLiveSecrets({ options, log })
  const { cookieSecrets, redis: redisSecrets } = secrets
  const storeDeps = { clock, log, observe, cookieSecrets, redisSecrets }
  const sessions = await createSessionStore(options, storeDeps)
  const providerTrust = await createProviderTrust({ options, environment, log })
  const oidc = createOidcClient({
    options,
    clientSecret: () => secrets.clientSecret().reveal(),
    clientAssertion: () => secrets.clientAssertion()?.reveal() ?? '',
    clock,
    log,
    observe: metrics.observeProvider,
    fetch: providerTrust.fetch,
  })

  const emailsFile = options.authenticated_emails_file
  const authenticatedEmails =
    emailsFile === '' ? undefined : createAuthenticatedEmails({ path: emailsFile, log })
  const authorize = createAuthorize({
    options,
    ...(authenticatedEmails && { authenticatedEmails }),
  })
  const trust = createProxyTrust({
    ...options,
    trusted_proxy_ips:
      options.trusted_proxy_ips.length === 0 ? privateRanges : options.trusted_proxy_ips,
  })
  const browserFront = createProxyFront({ trust, options })
  const redirects = createRedirects(options)
  const urls = createPortalUrls(options, redirects)
  const pages = createPages(options)
  const identityHeaders = createIdentityHeaders(options)
  const crossOrigin = createCrossOrigin(options)

  const record = createRecorder({
    audit: createAudit(options, lines),
    metrics,
    log,
    cookieWatch: createCookieWatch({ log }),
  })
  const background = createBackground((error) => {
    log.error('background work failed', { cause: describeError(error) })
  })
  const refreshSession = createRefreshSession({
    options,
    sessions,
    oidc,
    clock,
    log,
    record,
    background,
  })
  const activity = createActivity({ options, sessions, clock, log, record, background })
  const check = createCheck({
    options,
    ...(options.skip_jwt_bearer_tokens && {
      bearerSessions: createBearerSessions({ oidc, clock }),
    }),
    sessions,
    activity,
    refreshSession,
    isSkippedRoute: createSkipRules([...options.skip_auth_routes, ...options.skip_auth_regex]),
    authorize,
    isWithinLimits,
    clock,
    log,
  })
  const login = createLogin({
    options,
    urls,
    oidc,
    states: createLoginStates({ options, clock, cookieSecrets }),
    sessions,
    loginCookies: createCookieWriter({
      ...options,
      cookie_samesite: options.cookie_csrf_samesite || options.cookie_samesite,
    }),
    isAllowedRedirect: redirects.isAllowed,
    authorize,
    clock,
  })
  const ownSessions = createOwnSessions({ options, sessions, cookieSecrets })
  const providerLogout = createProviderLogout({ options, oidc, sessions, log })
  const signOut = createSignOut({
    options,
    urls,
    oidc,
    sessions,
    log,
    fetch: providerTrust.fetch,
  })

  const requestLog = createRequestLog(options, lines)
  const tls = createTlsMaterial({ options, listener: 'tls', log })
  const grpcTls = createTlsMaterial({ options, listener: 'grpc_tls', log })
  let isStopping = false
  const probes = createProbes({
    options,
    pingStore: sessions.ping,
    isStopping: () => isStopping,
    log,
  })
  const server = await createServer({
    options,
    hasUpstreams: options.upstreams.length > 0,
    tls,
    browserFront,
    probes,
    pages,
    metrics,
    requestLog,
    log,
  })
  const drain = createDrain(server)
  const answers = { options, urls, identityHeaders, crossOrigin, pages }
  const doctorProbes = createDoctorProbes({ options, clock })
  const shared = { ...answers, check, record, doctorProbes, metrics, requestLog, log }
  const prefix = options.proxy_prefix
  registerCheck(server, `${prefix}/auth`, createNginxFront({ trust }), shared)
  registerCheck(server, `${prefix}/check/traefik`, createTraefikFront({ trust }), shared)
  registerCheck(server, `${prefix}/check/caddy`, createCaddyFront({ trust }), shared)
  const ngfPath = `${prefix}/check/ngf`
  const ngfFront = createNgfFront({ trust, path: ngfPath })
  registerCheck(server, ngfPath, ngfFront, shared)
  registerCheck(server, `${ngfPath}-with/*`, ngfFront, shared)
  registerCheck(server, `${prefix}/check/haproxy`, createHaproxyFront({ trust }), shared)
  const envoyPath = `${prefix}/check/envoy`
  const envoyFront = createEnvoyFront({ trust, path: envoyPath })
  registerCheck(server, `${envoyPath}/*`, envoyFront, shared)
  registerCheck(server, `${envoyPath}-with/*`, envoyFront, shared)
  const clientLimits = createClientLimits({ clock, log, pages, trust })
  const visitors = { browserFront, trust, clientLimits }
  const portalDeps = { ...shared, ...visitors, login, signOut, sessions, redirects }
  const portal = createPortal(portalDeps)
  await server.register(async (scope) => {
    registerPortal(scope, portalDeps, portal)
    registerOwnSessions(scope, { options, ownSessions, pages, record }, portal)
    registerProviderLogout(scope, { options, providerLogout, clientLimits, record }, portal)
  })
  const forwarder = createForwarder(options)
  const targets = createTargets(options.upstreams)
  const sessionWatch = createSessionWatch({ options, sessions, log })
  const proxyDeps = { ...portalDeps, options, portal, targets, forwarder, sessionWatch, log, clock }
  registerProxy(server, proxyDeps)

  const grpcFront = createEnvoyGrpcFront({ trust })
  let adminServer: HttpListener | undefined
  let metricsServer: HttpListener | undefined
  let grpcServer: GrpcServer | undefined
  return {
    server,
    async listen() {
      const { metrics_address, grpc_address, admin_address } = options
      const ownAddress = (tls && options.https_address) ?? options.http_address
      if (admin_address) {
        const admin = createAdmin({ adminToken: secrets.adminToken, sessions, record, clock, log })
        adminServer = await startAdminServer({ address: toListenOptions(admin_address), admin })
      }
      if (grpc_address) {
        // Loaded late: every other process does without its 100 modules and 12 MiB.
        const { startGrpcServer } = await import('./grpc/server.ts')
        grpcServer = await startGrpcServer({
          ...shared,
          front: grpcFront,
          address: toListenOptions(grpc_address),
          tls: grpcTls,
          pingStore: sessions.ping,
        })
        log.info('listening for gRPC', { address: grpcServer.address })
      }
      const address = await server.listen(toListenOptions(ownAddress))
      // Last: a probe that is answered here says that all the others listen.
      if (metrics_address) {
        const address = toListenOptions(metrics_address)
        metricsServer = await startMetricsServer({ address, metrics, probes, log })
      }
      if (ownAddress.kind === 'unix') return `unix://${ownAddress.path}`
      return tls ? address.replace(/^http:/, 'https:') : address
    },
    async close() {
      isStopping = true
      const { shutdown_timeout } = options
      const deadline = performance.now() + shutdown_timeout
      await Promise.all([drain(shutdown_timeout), grpcServer?.close(shutdown_timeout)])
      // A refresh under way: its refresh token is spent, what replaces it must be written.
      await within(deadline - performance.now(), background.settled())
      forwarder.close()
      await metricsServer?.close()
      await adminServer?.close()
      authenticatedEmails?.close()
      secrets.close()
      tls?.close()
      grpcTls?.close()
      providerTrust.close()
      await sessions.close()
    },
  }
}

function toListenOptions(address: ListenAddress): ListenerAddress {
  if (address.kind === 'unix') return { path: address.path }
  return { host: address.host, port: address.port }
}
