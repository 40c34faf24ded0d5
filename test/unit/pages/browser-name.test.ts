import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserName } from '../../../src/pages/browser-name.ts'

const gecko = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0'
const names: readonly (readonly [userAgent: string, name: string | undefined])[] = [
  [gecko, 'Firefox on Linux'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Safari/537.36`, 'Chrome on Windows'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Safari/537.36 Edg/142.0`,
    'Edge on Windows',
  ],
  [`Mozilla/5.0 (Linux; Android 10; K) ${webkit} Mobile Safari/537.36`, 'Chrome on Android'],
  [`Mozilla/5.0 (Linux; Android 10; K) SamsungBrowser/29 ${webkit}`, 'Samsung Internet on Android'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1 Version/26.0 Safari/604.1',
    'Safari on iPhone',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15',
    'Safari on macOS',
  ],
  ['Firefox/145', 'Firefox'],
  ['curl/8.14.1', 'curl/8.14.1'],
  ['x'.repeat(200), 'x'.repeat(60)],
  ['', undefined],
]

for (const [userAgent, name] of names) {
  test(`calls a browser ${name ?? 'nothing when it says nothing'}`, () => {
    assert.equal(browserName(userAgent), name)
  })
}
