import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Reply } from '../../../../src/cli/doctor/ask.ts'
import { checkFindings } from '../../../../src/cli/doctor/check-findings.ts'
import { causes, type Cause } from '../../../../src/cli/doctor/finding.ts'
import type { Observations } from '../../../../src/cli/doctor/observe.ts'
import { portalFindings } from '../../../../src/cli/doctor/portal-findings.ts'
import type { ProbeReport } from '../../../../src/core/probe-report.ts'

const url = new URL('https://app.example.com/page')
const uri = '/page?sallyport-probe=token'

function replyOf(parts: Partial<Reply> = {}): Reply {
  const nothing = { location: '', setCookies: [], wwwAuthenticate: '', body: '' }
  return { url, status: 401, ...nothing, ...parts }
}

const request: NonNullable<ProbeReport['request']> = {
  method: 'GET',
  scheme: 'https',
  host: 'app.example.com',
  uri,
  clientIp: '203.0.113.5',
  canRedirect: true,
}
const report: ProbeReport = {
  front: 'traefik',
  checkUrl: '/oauth2/check/traefik',
  peer: '10.0.0.7',
  arrived: { header: true, cookie: true, query: true },
  headers: ['accept', 'cookie', 'x-forwarded-server', 'x-forwarded-uri'],
  request,
}

function observed(said: ProbeReport | undefined, parts: Partial<Reply> = {}): Observations {
  const probed = { reply: replyOf(parts), uri, method: 'GET', report: said }
  return { url, probed, otherMethod: undefined, hops: [] }
}

const causesOf = (observations: Observations): readonly Cause[] =>
  checkFindings(observations, '/oauth2').map(({ cause }) => cause)

describe('what the check shows', () => {
  const cases: readonly (readonly [string, Observations, readonly Cause[]])[] = [
    ['a check as it should be', observed(report), []],
    ['no answer', observed(undefined, { status: 0, body: 'ECONNREFUSED' }), ['no-answer']],
    ['the answer of an app', observed(undefined, { status: 200 }), ['not-checked']],
    ['a page of the gateway', observed(undefined, { status: 404 }), ['not-checked']],
    ['an error of the gateway', observed(undefined, { status: 500 }), ['gateway-cannot-ask']],
    ['an empty 403', observed(undefined, { status: 403 }), ['gateway-cannot-ask']],
    ['a 403 that says why', observed(undefined, { status: 403, body: 'no' }), ['not-checked']],
    [
      'a refusal for a stranger',
      observed({ ...report, refusal: 'asked by 10.0.0.7, which is not in trusted_proxy_ips' }),
      ['untrusted-gateway'],
    ],
    [
      'a refusal for want of a header',
      observed({ ...report, refusal: 'X-Forwarded-Uri is missing' }),
      ['headers-missing'],
    ],
    [
      'the endpoint of another gateway, refused or not',
      observed({ ...report, front: 'nginx', refusal: 'something' }),
      ['wrong-front'],
    ],
    [
      'cookies and navigation that do not arrive',
      observed({
        ...report,
        arrived: { header: true, cookie: false, query: true },
        request: { ...request, canRedirect: false },
      }),
      ['cookie-not-passed', 'navigation-not-told'],
    ],
    [
      'another host, scheme and path',
      observed({
        ...report,
        request: { ...request, host: 'app.internal', scheme: 'http', uri: '/' },
      }),
      ['host-changed', 'http-behind-tls', 'path-changed'],
    ],
    [
      'no URL at all',
      observed({ ...report, request: { ...request, host: '', uri: '' } }),
      ['headers-missing'],
    ],
  ]
  for (const [name, observations, expected] of cases) {
    test(`${name}: ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(causesOf(observations), expected)
    })
  }

  test('another method than the one that was asked with', () => {
    const asked = (method: string): Observations => {
      const observations = observed(report)
      const said = { ...report, request: { ...request, method } }
      const otherMethod = { ...observations.probed, method: 'PUT', report: said }
      return { ...observations, otherMethod }
    }
    assert.deepEqual(causesOf(asked('PUT')), [])
    assert.deepEqual(causesOf(asked('GET')), ['method-lost'])
    assert.deepEqual(causesOf(asked('')), ['method-lost'])
  })
})

const signInAt = 'https://auth.example.com/oauth2/sign_in?rd=https%3A%2F%2Fapp.example.com%2Fpage'
const atProvider = 'https://id.example.com/authorize?response_type=code&client_id=c'
const loginCookie = '_oauth2_proxy_x_csrf=1; Path=/; Domain=example.com; HttpOnly; Secure'

function led(...hops: readonly Partial<Reply>[]): Observations {
  return { ...observed(report), hops: hops.map((hop) => replyOf({ status: 302, ...hop })) }
}

function portalCauses(observations: Observations, isAllowed = true): readonly Cause[] {
  const expectations = { proxy_prefix: '/oauth2', isAllowedRedirect: () => isAllowed }
  return portalFindings(observations, expectations).map(({ cause }) => cause)
}

describe('where a person is led', () => {
  const portal = { url: new URL(signInAt), location: atProvider, setCookies: [loginCookie] }
  const cases: readonly (readonly [string, Observations, readonly Cause[]])[] = [
    ['to the provider', led({ location: signInAt }, portal), []],
    [
      'to a sign-in page',
      led(
        { location: signInAt },
        { url: portal.url, status: 200, body: '<a href="/oauth2/start">' },
      ),
      [],
    ],
    ['nowhere', led({ status: 401 }), ['no-redirect']],
    ['to the app, which is public', led({ status: 200 }), []],
    [
      'to a portal that asks for a sign-in',
      led({ location: signInAt }, { url: portal.url, status: 401 }),
      ['redirect-loop'],
    ],
    [
      'in a circle',
      led({ location: signInAt }, { url: portal.url, location: signInAt }),
      ['redirect-loop'],
    ],
    [
      'to a page that is not there',
      led({ location: signInAt }, { url: portal.url, status: 404 }),
      ['portal-missing'],
    ],
    [
      'to something else',
      led({ location: signInAt }, { url: portal.url, status: 200, body: 'Welcome to nginx' }),
      ['portal-missing'],
    ],
    [
      'to an outage',
      led({ location: signInAt }, { url: portal.url, status: 503 }),
      ['sign-in-unavailable'],
    ],
    [
      'to the portal without TLS',
      led(
        { location: signInAt.replace('https:', 'http:') },
        { ...portal, url: new URL(signInAt.replace('https:', 'http:')) },
      ),
      ['http-behind-tls'],
    ],
    [
      'with a cookie that stays at the portal',
      led({ location: signInAt }, { ...portal, setCookies: ['a=1; Path=/; Secure'] }),
      ['cookie-domain'],
    ],
    [
      'with a cookie that no browser takes',
      led({ location: signInAt }, { ...portal, setCookies: ['a=1; Domain=app.example.com'] }),
      ['cookie-domain'],
    ],
    [
      'with cookies that are deleted, and one that counts',
      led({ location: signInAt }, { ...portal, setCookies: ['a=; Max-Age=0', loginCookie] }),
      [],
    ],
  ]
  for (const [name, observations, expected] of cases) {
    test(`${name}: ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(portalCauses(observations), expected)
    })
  }

  test('from where nobody may return', () => {
    assert.deepEqual(portalCauses(led({ location: signInAt }, portal), false), [
      'return-not-allowed',
    ])
  })

  test('over http with a cookie for https, except on this machine', () => {
    const over = (host: string): Observations => {
      const plain = new URL(`http://${host}/`)
      const signIn = new URL(`http://${host}/oauth2/sign_in`)
      const hop = { url: signIn, location: atProvider, setCookies: ['a=1; Secure'] }
      return { ...led({ url: plain, location: signIn.href }, hop), url: plain }
    }
    assert.deepEqual(portalCauses(over('app.example.com')), ['cookie-secure'])
    assert.deepEqual(portalCauses(over('app.localhost:8080')), [])
  })
})

test('docs/doctor.md lists every cause', () => {
  const text = readFileSync('docs/doctor.md', 'utf8')
  const listed = [...text.matchAll(/^\| `([a-z-]+)`/gm)].map(([, cause]) => cause)
  assert.deepEqual(listed, [...causes])
})
