// SEC-9 over the whole service: no answer sends a browser to a host that nobody allowed.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { buildApp } from '../support/app.ts'
import { startHostileProvider } from '../support/hostile-provider.ts'

const targets = [
  ...readFileSync('test/data/open-redirects.txt', 'utf8').split('\n').filter(Boolean),
  '/{id_token}/evil.example',
  '/{id_token}{id_token}/evil.example',
  '/{id_token}\\evil.example',
  'https:/{id_token}/evil.example',
  '{id_token}//evil.example',
  'https://www.example.com.{id_token}evil.example',
  'https://www.example.com{id_token}@evil.example',
]

const allowed = /^(?:app\.example\.com|(?:.+\.)?example\.org)$/

for (const hasLogout of [true, false]) {
  test(`SEC-9: with provider_logout = ${hasLogout} no target leads away`, async (t) => {
    const provider = await startHostileProvider(t)
    const end_session_endpoint = hasLogout ? `${provider.issuer}/end` : undefined
    provider.bend('discovery', { body: provider.metadata({ end_session_endpoint }) })
    const { server } = await buildApp(t, [
      `--oidc-issuer-url=${provider.issuer}`,
      `--provider-logout=${hasLogout}`,
      '--whitelist-domain=.example.org',
    ])
    const own = new URL(provider.issuer).host
    for (const target of targets) {
      for (const path of ['sign_out', 'start', 'sign_in']) {
        const { headers, body } = await server.inject({
          url: `/oauth2/${path}?rd=${encodeURIComponent(target)}`,
          headers: { host: 'app.example.com', accept: 'text/html' },
        })
        const links = [...body.matchAll(/href="([^"]*)"/g)].map(([, href]) => href ?? '')
        for (const link of [headers.location, ...links]) {
          if (link === undefined) continue
          const { host, searchParams } = new URL(
            link.replaceAll('&#38;', '&'),
            'http://app.example.com',
          )
          assert.ok(host === own || allowed.test(host), `${path} of ${target} leads to ${link}`)
          const next = searchParams.get('rd') ?? searchParams.get('post_logout_redirect_uri')
          const after = new URL(next ?? '/', 'http://app.example.com')
          assert.match(after.host, allowed, `${path} of ${target} goes on to ${next}`)
        }
      }
    }
  })
}
