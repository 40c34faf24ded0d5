import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCookieWatch } from '../../../src/auth/cookie-watch.ts'
import { recordedLog, someRequest } from '../../support/sessions.ts'

const bare = someRequest({ front: 'envoy', cookieHeader: undefined })

function start() {
  const log = recordedLog()
  return { log, watch: createCookieWatch({ log }) }
}

function times(count: number, run: () => void): void {
  for (let index = 0; index < count; index += 1) run()
}

test('tells once that a gateway passes no cookies on though people sign in', () => {
  const { log, watch } = start()
  times(3, () => watch.signedIn())
  times(9, () => watch.checked(bare))
  assert.equal(log.lines.length, 1)
  assert.match(JSON.stringify(log.lines), /"front":"envoy","message":".*headersToExtAuth/)
})

for (const [why, signIns, request] of [
  ['before people have signed in', 2, bare],
  ['of scripts, which may have none', 3, { ...bare, canRedirect: false }],
] as const) {
  test(`tells nothing ${why}`, () => {
    const { log, watch } = start()
    times(signIns, () => watch.signedIn())
    times(9, () => watch.checked(request))
    assert.deepEqual(log.lines, [])
  })
}

test('tells nothing of a gateway that has passed one on, and each gateway counts alone', () => {
  const { log, watch } = start()
  times(3, () => watch.signedIn())
  watch.checked({ ...bare, cookieHeader: 'theme=dark' })
  times(9, () => watch.checked(bare))
  assert.deepEqual(log.lines, [])
  times(3, () => watch.checked({ ...bare, front: 'traefik' }))
  assert.equal(log.lines.length, 1)
})
