import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createDoctorProbes,
  probeCookie,
  probeHeader,
  probeParameter,
} from '../../../src/auth/doctor-probe.ts'
import type { RawRequest } from '../../../src/core/http.ts'
import type { FrontRead } from '../../../src/fronts/front.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { fakeClock } from '../../support/clock.ts'
import { rawRequest } from '../../support/fronts.ts'
import { someRequest } from '../../support/sessions.ts'

const secret = '0123456789abcdef0123456789abcdef'
const minute = 60_000

function probesOf(clock = fakeClock(), ...secrets: readonly string[]) {
  const cookie_secret = (secrets.length > 0 ? secrets : [secret]).map((text) => new Secret(text))
  return createDoctorProbes({ options: { cookie_secret }, clock })
}

const read = (uri = '/'): FrontRead => ({ ok: true, request: { ...someRequest(), uri } })
const challengeOf = (answer: { headers: Readonly<Record<string, string>> } | undefined) =>
  answer?.headers['www-authenticate'] ?? ''

describe('a probe is answered with a report', () => {
  const ways: Readonly<
    Record<'header' | 'cookie' | 'query', (token: string) => [Partial<RawRequest>, FrontRead]>
  > = {
    header: (token) => [{ headers: { [probeHeader]: token } }, read()],
    cookie: (token) => [{ headers: { cookie: `a=1; ${probeCookie}=${token}; b=2` } }, read()],
    query: (token) => [{}, read(`/page?a=1&${probeParameter}=${token}&b=2`)],
  }
  for (const [way, ask] of Object.entries(ways)) {
    test(`that says it came by the ${way}`, () => {
      const probes = probesOf()
      const { token, readReport } = probes.begin()
      const [raw, front] = ask(token)
      const answer = probes.answer('nginx', rawRequest(raw), front)
      assert.equal(answer?.status, 401)
      assert.equal(answer.headers['cache-control'], 'no-store')
      assert.deepEqual(answer.cookies, [])
      const arrived = { header: false, cookie: false, query: false, [way]: true }
      assert.deepEqual(readReport(challengeOf(answer))?.arrived, arrived)
    })
  }

  test('with what the front read, and the names of the headers alone', () => {
    const probes = probesOf()
    const { token, readReport } = probes.begin()
    const headers = { [probeHeader]: token, cookie: '_oauth2_proxy=a-session', accept: 'text/html' }
    const raw = rawRequest({ url: '/oauth2/auth?allowed_groups=a', headers, peer: '10.0.0.7' })
    const { method, scheme, host, uri, clientIp, canRedirect } = someRequest()
    const report = readReport(
      challengeOf(probes.answer('nginx', raw, { ok: true, request: someRequest() })),
    )
    assert.deepEqual(report, {
      front: 'nginx',
      checkUrl: '/oauth2/auth?allowed_groups=a',
      peer: '10.0.0.7',
      arrived: { header: true, cookie: false, query: false },
      headers: ['accept', 'cookie', 'x-sallyport-probe'],
      request: { method, scheme, host, uri, clientIp, canRedirect },
    })
    assert.doesNotMatch(JSON.stringify(report), /a-session/)
  })

  test('with the refusal of the front', () => {
    const probes = probesOf()
    const { token, readReport } = probes.begin()
    const raw = rawRequest({ headers: { [probeHeader]: token } })
    const answer = probes.answer('traefik', raw, { ok: false, message: 'not so' })
    assert.equal(readReport(challengeOf(answer))?.refusal, 'not so')
  })

  test('that fits into the head that nginx reads, however much came', () => {
    const probes = probesOf()
    const { token } = probes.begin()
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x-header-${i}`, 'x']))
    const url = `/oauth2/auth?${'x'.repeat(5000)}`
    const raw = rawRequest({ url, headers: { ...many, [probeHeader]: token } })
    const answer = probes.answer('nginx', raw, read(`/${'y'.repeat(8000)}`))
    assert.ok(challengeOf(answer).length > 500)
    assert.ok(challengeOf(answer).length < 3072, String(challengeOf(answer).length))
  })
})

describe('strangers learn nothing', () => {
  const ask = (token: string, probes = probesOf()) =>
    probes.answer('nginx', rawRequest({ headers: { [probeHeader]: token } }), read())

  const made: Readonly<Record<string, string>> = {
    'an empty one': '',
    'a made-up one': 'AAAA',
    'one of another secret': probesOf(fakeClock(), 'f'.repeat(32)).begin().token,
    'one that is too long': 'A'.repeat(10_000),
    'one with a character more': `${probesOf().begin().token}A`,
  }
  for (const [name, token] of Object.entries(made)) {
    test(`${name} is no probe`, () => assert.equal(ask(token), undefined))
  }

  test('a request like any other is none', () => {
    assert.equal(
      probesOf().answer('nginx', rawRequest({ headers: { cookie: 'a=1' } }), read()),
      undefined,
    )
  })

  test('a probe is over after five minutes, and none comes from the future', () => {
    const clock = fakeClock()
    const probes = probesOf(clock)
    const { token } = probes.begin()
    clock.advance(5 * minute)
    assert.ok(ask(token, probes))
    clock.advance(1)
    assert.equal(ask(token, probes), undefined)
    const future = fakeClock()
    future.advance(20 * minute)
    assert.equal(ask(probesOf(future).begin().token), undefined)
  })

  test('a report opens for its own probe and secret alone', () => {
    const probes = probesOf()
    const { token, readReport } = probes.begin()
    const challenge = challengeOf(ask(token, probes))
    assert.ok(readReport(challenge))
    assert.equal(probes.begin().readReport(challenge), undefined)
    assert.equal(readReport('Bearer realm="sallyport"'), undefined)
    assert.equal(readReport('Sallyport-Probe report="AAAA"'), undefined)
    assert.doesNotMatch(Buffer.from(challenge, 'base64url').toString('latin1'), /app\.example/)
  })

  test('a rotated secret still knows probes of the one before', () => {
    const { token, readReport } = probesOf().begin()
    const rotated = probesOf(fakeClock(), 'e'.repeat(32), secret)
    const answer = ask(token, rotated)
    assert.ok(answer)
    // Sealed with the new one, which this doctor does not have.
    assert.equal(readReport(challengeOf(answer)), undefined)
  })
})
