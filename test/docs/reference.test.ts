import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createIdentityHeaders } from '../../src/headers/identity-headers.ts'
import { buildApp, loadFlags } from '../support/app.ts'
import { freePort } from '../support/process.ts'

const page = (name: string): string => readFileSync(`docs/reference/${name}.md`, 'utf8')

test('every path of docs/reference/endpoints.md is served, and no other below /oauth2', async (t) => {
  const metricsPort = await freePort()
  // Whatever Sallyport does not serve itself reaches an upstream that has nothing.
  const app = await buildApp(t, [
    `--metrics-address=127.0.0.1:${metricsPort}`,
    '--skip-auth-regex=.',
    '--upstream=static://404',
  ])
  const url = await app.listen()
  const ask = async (target: string, method = 'GET'): Promise<number> => {
    const response = await fetch(target, { method, redirect: 'manual' })
    await response.body?.cancel()
    return response.status
  }
  const rows = page('endpoints').matchAll(/^\| `(\/[^`]*)` +\|(.*)/gm)
  const paths = [...rows].map(([, path = '', rest = '']) => ({ path, rest }))
  assert.ok(paths.length >= 16)
  for (const { path, rest } of paths) {
    const base = rest.includes('`metrics_address`') ? `http://127.0.0.1:${metricsPort}` : url
    const method = rest.includes('`POST`') ? 'POST' : 'GET'
    assert.notEqual(await ask(base + path.replace('...', 'path'), method), 404, path)
  }
  assert.equal(await ask(`${url}/oauth2/nothing`), 404)
  assert.equal(await ask(`${url}/metrics`), 404)
})

test('docs/reference/headers.md names every header that a check can answer with', () => {
  const options = loadFlags([
    '--set-xauthrequest',
    '--pass-access-token',
    '--set-authorization-header',
  ])
  const identity = {
    subject: 's',
    user: 'u',
    email: 'e@example.com',
    groups: ['g'],
    preferredUsername: 'p',
  }
  const tokens = { idToken: 'id', accessToken: 'access', refreshToken: 'refresh' }
  const session = { identity, tokens } as unknown as Parameters<
    ReturnType<typeof createIdentityHeaders>['response']
  >[0]
  const names = Object.keys(createIdentityHeaders(options).response(session))
  assert.ok(names.length >= 6)
  const text = page('headers').toLowerCase()
  assert.deepEqual(
    names.filter((name) => !text.includes(`\`${name}`)),
    [],
  )
})
