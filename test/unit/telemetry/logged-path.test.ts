import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { loggedPath } from '../../../src/telemetry/logged-path.ts'

const cases = [
  ['/app/page', '/app/page'],
  ['/oauth2/callback?code=secret&state=s', '/oauth2/callback'],
  ['/page#access_token=secret', '/page'],
  ['/page;jsessionid=secret', '/page'],
  ['/page%3Fcode=secret', '/page'],
  ['/page%3fcode=secret', '/page'],
  ['/page%23token', '/page'],
  ['/page%3Bjsessionid=secret', '/page'],
  ['https://user:secret@host.example/page?code=secret', '/page'],
  ['https://user:secret@host.example', ''],
  ['*', '*'],
  ['', ''],
  ['/%E2%82%AC', '/%E2%82%AC'],
] as const

for (const [url, path] of cases) {
  test(`logs ${JSON.stringify(url)} as ${JSON.stringify(path)}`, () => {
    assert.equal(loggedPath(url), path)
  })
}

test('cuts a path that is too long', () => {
  assert.equal(loggedPath(`/${'a'.repeat(5000)}`).length, 1024)
})

test('never logs anything of a query', () => {
  fc.assert(
    fc.property(fc.webPath(), fc.constantFrom('?', '#', ';'), fc.string(), (path, mark, rest) => {
      assert.equal(loggedPath(`${path}${mark}${rest}`), loggedPath(path))
    }),
  )
})
