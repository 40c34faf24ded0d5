import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBearerSessions, type BearerOutcome } from '../../../src/auth/bearer-token.ts'
import type { BearerResult } from '../../../src/oidc/bearer.ts'
import { fakeClock } from '../../support/clock.ts'
import { someSession } from '../../support/sessions.ts'

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'
const { identity } = someSession()

function bearer(result?: BearerResult) {
  const clock = fakeClock()
  const verified: string[] = []
  const sessionOf = createBearerSessions({
    clock,
    oidc: {
      async verifyBearer(text) {
        verified.push(text)
        return result ?? { ok: true, identity, expiresAt: clock.now() + 3_600_000 }
      },
    },
  })
  const kindOf = async (header: string | undefined) => (await sessionOf(header)).kind
  return { clock, verified, sessionOf, kindOf }
}

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

for (const header of [
  `Bearer ${token}`,
  `bearer ${token}`,
  basic(`${token}:`),
  basic(`${token}:x-oauth-basic`),
  basic(`git:${token}`),
]) {
  test(`finds the token in ${header.slice(0, 20)}`, async () => {
    const { verified, kindOf } = bearer()
    assert.equal(await kindOf(header), 'session')
    assert.deepEqual(verified, [token])
  })
}

for (const header of [
  '',
  'Bearer',
  'Bearer ',
  token,
  `Bearer  ${token}`,
  `Bearer ${token} `,
  `Bearer ${token},Bearer ${token}`,
  `Bearer ${token.replace(/\.[^.]*$/, '.')}`,
  'Bearer opaque',
  'Bearer a.b.c',
  `Token ${token}`,
  basic('alice:secret'),
  basic(token),
  basic(`${token}:secret`),
  'Basic !',
]) {
  test(`verifies nothing for ${JSON.stringify(header.slice(0, 30))}`, async () => {
    const { verified, kindOf } = bearer()
    assert.equal(await kindOf(header), 'refused')
    assert.deepEqual(verified, [])
  })
}

test('without the header there is nothing to refuse', async () => {
  assert.equal(await bearer().kindOf(undefined), 'none')
})

test('makes a session of the token that ends with it', async () => {
  const { clock, sessionOf } = bearer()
  const found = await sessionOf(`Bearer ${token}`)
  assert.ok(found.kind === 'session')
  const { id, ...session } = found.session
  assert.notEqual(id, '')
  const expiresAt = clock.now() + 3_600_000
  assert.deepEqual(session, {
    identity,
    tokens: { accessToken: token, idToken: token, refreshToken: '' },
    providerSid: '',
    browser: { address: '', userAgent: '' },
    createdAt: clock.now(),
    refreshedAt: clock.now(),
    activeAt: clock.now(),
    generation: 0,
    expiresAt,
    tokenExpiresAt: expiresAt,
    idTokenExpiresAt: expiresAt,
  })
})

test('verifies a token once, answers at once from then on, and looks again after five minutes', async () => {
  const { clock, verified, sessionOf } = bearer()
  const first = await sessionOf(`Bearer ${token}`)
  assert.equal(sessionOf(`Bearer ${token}`), first)
  clock.advance(5 * 60_000 - 1)
  assert.equal(sessionOf(basic(`${token}:`)), first)
  clock.advance(1)
  await sessionOf(`Bearer ${token}`)
  assert.equal(verified.length, 2)
})

test('SEC-23: knows a token no longer than until its own end', async () => {
  const clock = fakeClock()
  const { verified, ...at } = bearer({ ok: true, identity, expiresAt: clock.now() + 1000 })
  await at.sessionOf(`Bearer ${token}`)
  at.clock.advance(999)
  assert.ok(!(at.sessionOf(`Bearer ${token}`) instanceof Promise))
  at.clock.advance(1)
  assert.ok(at.sessionOf(`Bearer ${token}`) instanceof Promise)
  assert.equal(verified.length, 2)
})

test('SEC-23: another token with the end of a known one is verified by itself', async () => {
  const { verified, sessionOf } = bearer()
  const long = `${token}${'A'.repeat(40)}`
  const other = long.replace('eyJzdWIiOiJhIn0', 'eyJzdWIiOiJiIn0')
  await sessionOf(`Bearer ${long}`)
  await sessionOf(`Bearer ${other}`)
  assert.deepEqual(verified, [long, other])
})

test('a refused token is not remembered', async () => {
  const { verified, sessionOf } = bearer({ ok: false, detail: 'why' })
  const refused: BearerOutcome = { kind: 'refused', detail: 'why' }
  assert.deepEqual(await sessionOf(`Bearer ${token}`), refused)
  assert.deepEqual(await sessionOf(`Bearer ${token}`), refused)
  assert.equal(verified.length, 2)
})
