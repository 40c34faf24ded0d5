import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  allowReasons,
  denyReasons,
  loginReasons,
  unavailableReasons,
  type Decision,
} from '../../src/core/decision.ts'
import type { HttpAnswer, RawRequest, RequestHeaders } from '../../src/core/http.ts'
import type { AuthRequest } from '../../src/core/auth-request.ts'
import type { Front } from '../../src/fronts/front.ts'
import { accepted, answerParts, decisions, session, stranger } from '../support/fronts.ts'

/** What is asked about, whatever a gateway calls it. */
export interface Question {
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly uri: string
  /** The browser's own headers. */
  readonly headers?: RequestHeaders
  /** Query of the check itself. */
  readonly query?: string
}

export interface FrontUnderTest<Raw extends RawRequest> {
  readonly front: Front<Raw>
  /** The request in which the gateway asks. */
  readonly ask: (question: Question) => Raw
  /** Headers of the other fronts as a client may send them through this gateway. */
  readonly foreignHeaders: RequestHeaders
  /** The client's address as the front reads it; empty when its gateway does not say. */
  readonly clientIp?: string
  /**
   * The headers without which the gateway's contract is broken, as a check carries them; empty where
   * a front takes what it gets.
   */
  readonly ownHeaders?: readonly string[]
  /** Does the gateway pass the body and headers of a refusal on? */
  readonly relaysRefusals?: boolean
  /** Status of each answer to a script and to a navigation. */
  readonly statuses: Readonly<
    Record<'allow' | 'login' | 'deny' | 'unavailable', { script: number; navigation: number }>
  >
  /** An allow is no HTTP answer, whose headers are the app's alone: nobody could store it. */
  readonly allowIsNoAnswer?: boolean
}

const page: Question = {
  method: 'GET',
  scheme: 'https',
  host: 'app.example.com',
  uri: '/reports/2026?sort=date&next=https://example.org/',
  headers: {
    accept: 'text/html,*/*',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    cookie: '_oauth2_proxy=abc; theme=dark',
    origin: 'https://app.example.com',
    referer: 'https://app.example.com/from',
    authorization: 'Bearer abc',
  },
}
const api: Question = { ...page, headers: { accept: 'application/json' } }

const html = 'text/html,application/xhtml+xml,*/*;q=0.8'
const fetchMetadata = (mode: string, dest: string): RequestHeaders => ({
  accept: html,
  'sec-fetch-mode': mode,
  'sec-fetch-dest': dest,
})

const methods = 'HEAD POST PUT PATCH DELETE OPTIONS PROPFIND M-SEARCH QUERY'.split(' ')

/** Who asks, whether a redirect to the sign-in helps, and what tells. */
const askers: readonly (readonly [string, boolean, method: string, RequestHeaders])[] = [
  ['a browser', true, 'GET', fetchMetadata('navigate', 'document')],
  ['a browser that sends a form', true, 'POST', fetchMetadata('navigate', 'document')],
  ['a browser without Fetch Metadata', true, 'GET', { accept: html }],
  ['a link checker that asks for the head of a page', true, 'HEAD', { accept: html }],
  ['a frame', false, 'GET', fetchMetadata('navigate', 'iframe')],
  ['fetch', false, 'GET', fetchMetadata('cors', 'empty')],
  ['an image', false, 'GET', fetchMetadata('no-cors', 'image')],
  [
    'a prefetch',
    false,
    'GET',
    { ...fetchMetadata('navigate', 'document'), 'sec-purpose': 'prefetch' },
  ],
  ['an XHR of old', false, 'GET', { accept: html, 'x-requested-with': 'XMLHttpRequest' }],
  ['an EventSource', false, 'GET', { accept: 'text/event-stream' }],
  ['a WebSocket', false, 'GET', { accept: html, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }],
  ['a form of a browser without Fetch Metadata', false, 'POST', { accept: html }],
  ['an API client', false, 'GET', { accept: 'application/json' }],
  ['a command line', false, 'GET', { accept: '*/*' }],
  ['who says nothing', false, 'GET', {}],
  [
    'a preflight',
    false,
    'OPTIONS',
    { origin: 'https://spa.example.com', 'access-control-request-method': 'PUT' },
  ],
]

const faults: Readonly<Record<string, (value: string) => string | undefined>> = {
  missing: () => undefined,
  empty: () => '',
  doubled: (value) => `${value}, ${value}`,
}

/** Headers of 3 KiB are what the smallest common gateway buffer (nginx, 4 KiB) leaves to us. */
const headLimitBytes = 3072

export function frontContract<Raw extends RawRequest>({
  front,
  ask,
  foreignHeaders,
  clientIp = '198.51.100.23',
  ownHeaders = [],
  relaysRefusals = true,
  statuses,
  allowIsNoAnswer = false,
}: FrontUnderTest<Raw>): void {
  const read = (question: Question) => accepted(front.read(ask(question)))

  describe(`the ${front.name} front`, () => {
    test('reads method, scheme, host, URI, cookies, request id and rule path', () => {
      assert.deepEqual(read(page), {
        front: front.name,
        method: 'GET',
        scheme: 'https',
        host: 'app.example.com',
        uri: '/reports/2026?sort=date&next=https://example.org/',
        rulePath: '/reports/2026',
        clientIp,
        cookieHeader: '_oauth2_proxy=abc; theme=dark',
        origin: 'https://app.example.com',
        referer: 'https://app.example.com/from',
        authorization: 'Bearer abc',
        canRedirect: true,
        isBackground: false,
        limits: undefined,
        requestId: 'req-1',
      } satisfies AuthRequest)
    })

    for (const method of methods) {
      test(`reads the original method ${method}`, () => {
        assert.equal(read({ ...page, method }).method, method)
      })
    }

    for (const host of ['app.example.com:8443', 'localhost', '192.0.2.1:80', '[2001:db8::1]:443']) {
      test(`reads the host ${host}`, () => assert.equal(read({ ...page, host }).host, host))
    }

    const uris: readonly (readonly [string, string | undefined])[] = [
      ['/', '/'],
      ['/?a', '/'],
      ['/a%20b/%C3%BC', '/a b/ü'],
      ['/a,b', '/a,b'],
      ['/public/%2e%2e/admin', undefined],
      ['/public%2f..%2fadmin', undefined],
      ['//evil.example/public', undefined],
      ['/public;/../admin', undefined],
      ['/public#/admin', undefined],
      ['/public\\..\\admin', undefined],
      ['/public/%252e%252e/admin', undefined],
      ['/public/%00', undefined],
      [`/${'a'.repeat(8000)}?${'b'.repeat(8000)}`, `/${'a'.repeat(8000)}`],
    ]
    for (const [uri, rulePath] of uris) {
      const name = `${rulePath?.slice(0, 40) ?? 'no path'} for ${uri.slice(0, 40)}`
      test(`SEC-5: rules see ${name}, and the URI stays whole`, () => {
        const request = read({ ...page, uri })
        assert.equal(request.rulePath, rulePath)
        assert.equal(request.uri, uri)
      })
    }

    for (const [who, canRedirect, method, headers] of askers) {
      test(`${canRedirect ? 'leads' : 'does not lead'} ${who} to the sign-in`, () => {
        assert.equal(read({ ...page, method, headers }).canRedirect, canRedirect)
      })
    }

    for (const name of ownHeaders) {
      for (const [fault, change] of Object.entries(faults)) {
        test(`refuses a check whose ${name} is ${fault}, and names it`, () => {
          const raw = ask(page)
          const { headers } = raw
          const result = front.read({
            ...raw,
            headers: { ...foreignHeaders, ...headers, [name]: change(String(headers[name])) },
          })
          assert.ok(!result.ok)
          const [named = '', mend = ''] = result.message.split(' is missing or malformed: ')
          assert.equal(named.toLowerCase(), name)
          assert.notEqual(mend, '')
        })
      }
    }

    test('reads limits from its own query only', () => {
      const uri = '/?allowed_groups=everyone'
      assert.equal(read({ ...page, uri, query: '' }).limits?.groups?.[0], ownLimit(uri))
      const limits = read({
        ...page,
        query: 'allowed_groups=a,b&allowed_emails=c@d.example',
      }).limits
      assert.deepEqual(limits?.groups, ['a', 'b'])
      assert.deepEqual(limits.emails, ['c@d.example'])
      assert.equal(limits.emailDomains, undefined)
    })

    for (const misspelt of [
      'allowed_group',
      'allowed_roles',
      'Allowed_Groups',
      'allowed_groups[]',
    ]) {
      const query = `${misspelt}=admin&other=x`
      if (front.name === 'proxy') {
        test(`a query with ${misspelt} is the app's own`, () => {
          assert.equal(read({ ...page, query }).limits, undefined)
        })
      } else {
        test(`refuses a check with ${misspelt}, which would leave the route open`, () => {
          const result = front.read(ask({ ...page, query }))
          assert.ok(!result.ok)
          assert.ok(result.message.startsWith(`${misspelt} of the check limits nothing: use `))
        })
      }
    }

    /** In proxy mode the query asked about is the check's own. */
    function ownLimit(uri: string): string | undefined {
      return front.name === 'proxy' ? uri.slice(uri.indexOf('=') + 1) : undefined
    }

    test('SEC-3: headers of other fronts change nothing, but may cost a skipped route', () => {
      const clean = read(api)
      const raw = ask(api)
      const spoofed = accepted(
        front.read({ ...raw, headers: { ...foreignHeaders, ...raw.headers } }),
      )
      assert.ok(spoofed.rulePath === clean.rulePath || spoofed.rulePath === undefined)
      assert.deepEqual({ ...spoofed, rulePath: undefined }, { ...clean, rulePath: undefined })
    })

    test('SEC-2: what a stranger forwards is neither host, URI, path nor client', () => {
      const question = { ...page, uri: '/public', host: 'forwarded.example' }
      const read = front.read({ ...ask(question), url: '/oauth2/auth', peer: stranger })
      if (!read.ok) return assert.match(read.message, /trusted_proxy_ips/)
      assert.notEqual(read.request.host, 'forwarded.example')
      assert.notEqual(read.request.uri, '/public')
      assert.notEqual(read.request.rulePath, '/public')
      assert.equal(read.request.clientIp, stranger)
    })

    const questions = { script: api, navigation: page } as const
    for (const outcome of ['allow', 'login', 'deny', 'unavailable'] as const) {
      for (const kind of ['script', 'navigation'] as const) {
        const status = statuses[outcome][kind]
        test(`answers ${outcome} to a ${kind} with ${status}, never to be stored`, () => {
          const answer = front.answer(decisions[outcome], read(questions[kind]), answerParts)
          assert.equal(answer.status, status)
          if (outcome !== 'allow' || !allowIsNoAnswer) {
            assert.match(answer.headers['cache-control'] ?? '', /no-store/)
          }
          assertSmallHead(answer)
        })
      }
    }

    test('an allow has no body, names the identity and passes the cookies on', () => {
      const answer = front.answer(decisions.allow, read(api), answerParts)
      assert.equal(answer.body, '')
      assert.equal(answer.headers['x-auth-request-email'], 'alice@example.com')
      assert.deepEqual(answer.cookies, decisions.allow.cookies)
    })

    test('an allow of nobody names nobody', () => {
      const parts = { ...answerParts, identityHeaders: () => ({}) }
      const { status, headers, body } = front.answer(decisions.anonymous, read(api), parts)
      assert.equal(status, statuses.allow.script)
      assert.equal(headers['x-auth-request-email'], undefined)
      assert.equal(body, '')
    })

    test('only an allow names the identity', () => {
      for (const question of [api, page]) {
        for (const outcome of ['login', 'deny', 'unavailable'] as const) {
          const answer = front.answer(decisions[outcome], read(question), answerParts)
          assert.ok(!JSON.stringify(answer).includes('alice'), outcome)
        }
      }
    })

    test('login and deny pass the cookies on, an outage changes none', () => {
      for (const question of [api, page]) {
        const request = read(question)
        const { login, deny, unavailable } = decisions
        assert.deepEqual(front.answer(login, request, answerParts).cookies, login.cookies)
        assert.deepEqual(front.answer(deny, request, answerParts).cookies, deny.cookies)
        assert.deepEqual(front.answer(unavailable, request, answerParts).cookies, [])
      }
    })

    test('a script that must sign in is told how, and when to come back after an outage', () => {
      const login = front.answer(decisions.login, read(api), answerParts)
      assert.equal(login.headers['www-authenticate'], 'Bearer realm="sallyport"')
      assert.equal(login.headers['location'], undefined)
      const unavailable = front.answer(decisions.unavailable, read(api), answerParts)
      assert.match(unavailable.headers['retry-after'] ?? '', /^[1-9]\d*$/)
    })

    if (relaysRefusals) {
      test('a refusal lets a script of an allowed origin read it; a page and an allow need not', () => {
        const crossOrigin = { 'access-control-allow-origin': 'https://spa.example.com' }
        const parts = { ...answerParts, crossOrigin: () => crossOrigin }
        const origins = (question: Question) =>
          (['allow', 'login', 'deny', 'unavailable'] as const).map(
            (outcome) =>
              front.answer(decisions[outcome], read(question), parts).headers[
                'access-control-allow-origin'
              ],
          )
        const spa = 'https://spa.example.com'
        assert.deepEqual(origins(api), [undefined, spa, spa, spa])
        assert.deepEqual(origins(page), [undefined, undefined, undefined, undefined])
      })

      test('a person is led to the sign-in with the whole URL, by an absolute Location', () => {
        const { status, headers } = front.answer(decisions.login, read(page), answerParts)
        assert.equal(status, 302)
        assert.equal(headers['location'], answerParts.signInUrl())
        assert.equal(headers['www-authenticate'], undefined)
      })
    }

    test('a body has a content type that browsers do not guess at', () => {
      for (const question of [api, page]) {
        for (const decision of Object.values(decisions)) {
          const { body, headers } = front.answer(decision, read(question), answerParts)
          if (body === '') continue
          const type = headers['content-type'] ?? ''
          assert.match(
            type,
            /^(text\/plain; charset=utf-8|text\/html; charset=utf-8|application\/json)$/,
          )
          if (type !== 'application/json')
            assert.equal(headers['x-content-type-options'], 'nosniff')
        }
      }
    })

    test('reasons never leak', () => {
      for (const question of [api, page]) {
        for (const decision of everyDecision()) {
          const answer = front.answer(decision, read(question), answerParts)
          assert.ok(!JSON.stringify(answer).includes(decision.reason), decision.reason)
        }
      }
    })
  })
}

function everyDecision(): readonly Decision[] {
  return [
    ...allowReasons.map(
      (reason) => ({ outcome: 'allow', reason, session: undefined, cookies: [] }) as const,
    ),
    ...loginReasons.map((reason) => ({ outcome: 'login', reason, cookies: [] }) as const),
    ...denyReasons.map((reason) => ({ outcome: 'deny', reason, session, cookies: [] }) as const),
    ...unavailableReasons.map((reason) => ({ outcome: 'unavailable', reason }) as const),
  ]
}

function assertSmallHead({ headers }: HttpAnswer): void {
  const bytes = Object.entries(headers).reduce(
    (sum, [name, value]) => sum + name.length + value.length + 4,
    0,
  )
  assert.ok(bytes < headLimitBytes, `${bytes} bytes`)
}
