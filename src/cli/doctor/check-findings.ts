// What the check itself shows: who asks Sallyport, where, and with what.
import type { FrontName } from '../../core/auth-request.ts'
import type { ProbeReport } from '../../core/probe-report.ts'
import { finding, type Finding } from './finding.ts'
import type { Observations, Probed } from './observe.ts'

/** Where each gateway asks, below `proxy_prefix`. */
const checkPaths = {
  nginx: '/auth',
  traefik: '/check/traefik',
  caddy: '/check/caddy',
  ngf: '/check/ngf',
} as const satisfies Partial<Record<FrontName, string>>
type Gateway = keyof typeof checkPaths

export function checkFindings(
  { url, probed, otherMethod, hops }: Observations,
  prefix: string,
): readonly Finding[] {
  const { reply, report } = probed
  if (reply.status === 0) {
    return [
      finding(
        'no-answer',
        `${url.host} does not answer: ${reply.body}`,
        'look at DNS, the gateway and its certificate',
      ),
    ]
  }
  if (report === undefined) return [withoutReport(probed, hops[0]?.location ?? '', prefix)]
  const gateway = misledGateway(report)
  if (gateway) {
    return [
      finding(
        'wrong-front',
        `${gatewayNames[gateway]} asks at ${pathOf(report.checkUrl)}, where ${gatewayNames[report.front]} is expected`,
        `let it ask at ${prefix}${checkPaths[gateway]}`,
      ),
    ]
  }
  if (report.refusal !== undefined) return [refused(report.refusal, report)]
  return readFindings(url, probed, report, otherMethod)
}

function withoutReport(
  { reply: { status, body } }: Probed,
  location: string,
  prefix: string,
): Finding {
  if (location.includes(`${prefix}/sign_in`) || location.includes(`${prefix}/start`)) {
    return finding(
      'report-lost',
      'Sallyport is asked, but its answer to the probe did not come back',
      'run the doctor with the configuration (the cookie_secret) that Sallyport runs with, and let ' +
        'the gateway pass WWW-Authenticate on',
    )
  }
  if (status >= 500 || (status === 403 && body.trim() === '')) {
    return finding(
      'gateway-cannot-ask',
      `the gateway answers ${status} without an answer of Sallyport`,
      'look at the address and port that the gateway asks, at its log, and at network policies',
    )
  }
  return finding(
    'not-checked',
    `nobody asked Sallyport about this URL: the app or the gateway answered ${status} by itself`,
    'attach the check to this route (annotations, middleware, policy or filter)',
  )
}

function refused(refusal: string, { headers }: ProbeReport): Finding {
  if (refusal.includes('trusted_proxy_ips')) {
    return finding(
      'untrusted-gateway',
      `Sallyport was ${refusal}`,
      'add the address or the network of the gateway to trusted_proxy_ips',
    )
  }
  return finding(
    'headers-missing',
    `${refusal}; what came: ${headers.join(', ')}`,
    'let the gateway send these headers, as its example in manifests/gateways does',
  )
}

function readFindings(
  url: URL,
  probed: Probed,
  report: ProbeReport,
  otherMethod: Probed | undefined,
): readonly Finding[] {
  const { request, arrived, headers } = report
  if (request === undefined) return []
  const findings: Finding[] = []
  if (!arrived.cookie) {
    findings.push(
      finding(
        'cookie-not-passed',
        'the cookies of the browser do not reach Sallyport: everybody stays signed out',
        'list `cookie` among the headers that the gateway sends with the check (headersToExtAuth, ' +
          'allowed_headers, authRequestHeaders), or clear that list',
      ),
    )
  }
  if (!request.canRedirect) {
    findings.push(
      finding(
        'navigation-not-told',
        'Sallyport cannot tell that a browser opens a page, and answers 401 in place of a sign-in',
        `let the gateway send accept and sec-fetch-* with the check; what came: ${headers.join(', ')}`,
      ),
    )
  }
  if (request.host === '' || request.uri === '') {
    findings.push(
      finding(
        'headers-missing',
        'the gateway does not say which URL it asks about: no return after the sign-in, no skipped routes',
        'let nginx send X-Original-URL and X-Original-Method (docs/gateways/nginx.md)',
      ),
    )
    return findings
  }
  if (request.host.toLowerCase() !== url.host) {
    findings.push(
      finding(
        'host-changed',
        `the browser asked ${url.host}, Sallyport was told ${request.host}`,
        'let the gateway, and proxies before it, keep the Host of the browser',
      ),
    )
  }
  if (`${request.scheme}:` !== url.protocol) {
    findings.push(
      finding(
        'http-behind-tls',
        `the browser asked with ${url.protocol.slice(0, -1)}, Sallyport was told ${request.scheme}`,
        'TLS ends before the gateway: let it believe X-Forwarded-Proto of what stands in front ' +
          '(trusted IPs or hops of the gateway)',
      ),
    )
  }
  if (request.uri !== probed.uri) {
    findings.push(
      finding(
        'path-changed',
        `the browser asked for ${pathOf(probed.uri)}, Sallyport was told ${pathOf(request.uri)}`,
        'let the check come before whatever changes the path (StripPrefix, rewrite)',
      ),
    )
  }
  const other = otherMethod?.report?.request?.method
  if (other !== undefined && other !== otherMethod?.method) {
    findings.push(
      finding(
        'method-lost',
        `the browser asked with ${otherMethod?.method}, Sallyport was told ${other || 'nothing'}`,
        'let the gateway send the original method (nginx: X-Original-Method)',
      ),
    )
  }
  return findings
}

/**
 * The gateway that asks at the endpoint of another one, by the headers that it alone sets. A front
 * that could read the check was not misled, but nginx', which needs to know nothing.
 */
function misledGateway({ front, refusal, headers }: ProbeReport): Gateway | undefined {
  if (refusal === undefined && front !== 'nginx') return undefined
  const has = (...names: readonly string[]): boolean =>
    names.every((name) => headers.includes(name))
  const gateway: Gateway | undefined = has('x-original-url')
    ? 'nginx'
    : has('path', 'method')
      ? 'ngf'
      : has('x-forwarded-server', 'x-forwarded-uri')
        ? 'traefik'
        : has('x-forwarded-method', 'x-forwarded-uri')
          ? 'caddy'
          : undefined
  return gateway === front ? undefined : gateway
}

const gatewayNames: Readonly<Record<FrontName, string>> = {
  nginx: 'nginx',
  traefik: 'Traefik',
  caddy: 'Caddy',
  envoy: 'Envoy',
  'envoy-grpc': 'Envoy over gRPC',
  ngf: 'NGINX Gateway Fabric',
  haproxy: 'HAProxy',
  proxy: 'a browser',
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url
}
