import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createRedirects } from '../../src/redirects/redirects.ts'

const own = 'https://app.example.com'
const redirects = createRedirects({
  whitelist_domains: ['.trusted.example', 'ports.example:8443', 'any.example:*'],
  proxy_prefix: '/oauth2',
})

const attacks = readFileSync(new URL('../data/open-redirects.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('# '))
  .map((line) => JSON.parse(`"${line}"`) as string)

/** What a browser (WHATWG URL) makes of a `Location` on our own origin. */
function staysHome(target: string): boolean {
  const url = URL.parse(target, own)
  if (url === null || url.username !== '' || url.password !== '') return false
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  if (url.origin === own) return true
  const { hostname, port } = url
  return (
    (port === '' && (hostname === 'trusted.example' || hostname.endsWith('.trusted.example'))) ||
    (hostname === 'ports.example' && port === '8443') ||
    hostname === 'any.example'
  )
}

describe('SEC-9: no attack leads away', () => {
  test('the corpus is whole', () => {
    assert.ok(attacks.length >= 500, `${attacks.length} lines`)
    assert.equal(new Set(attacks).size, attacks.length)
    const leadingAway = attacks.filter((target) => !staysHome(target))
    assert.ok(leadingAway.length >= 300, `${leadingAway.length} lead away`)
  })

  for (const attack of attacks) {
    test(JSON.stringify(attack), () => {
      assert.ok(!redirects.isAllowed(attack) || staysHome(attack))
      const chosen = redirects.choose({
        rd: attack,
        authRequestRedirect: attack,
        forwarded: { scheme: 'https', host: attack, uri: attack },
        uri: attack,
      })
      assert.ok(staysHome(chosen), chosen)
    })
  }
})

const good = [
  '/',
  '/reports?next=https://example.org//x',
  'https://trusted.example/a',
  'https://sub.trusted.example/?a=b#c',
  'https://ports.example:8443/',
  'http://any.example:81/x',
]
const splinters = [
  ...'/ \\ . @ : ? # % ; & = [ ] // /. .. %2f %5c %09 %2e %00'.split(' '),
  ...'evil.example .evil.example @evil.example trusted.example ::1 :8443 :443'.split(' '),
  ...'https: http:// javascript: é ſ'.split(' '),
  ...' \t\n\r\0\u200b\u3002\uff0f\u2028'.split(''),
]

test('SEC-9: no mutation of good targets and attacks leads away', () => {
  const edit = fc.record({
    at: fc.nat(40),
    remove: fc.nat(3),
    insert: fc.oneof(fc.constantFrom(...splinters), fc.string({ maxLength: 3 })),
  })
  const mutated = fc
    .tuple(fc.constantFrom(...good, ...attacks), fc.array(edit, { maxLength: 4 }))
    .map(([target, edits]) =>
      edits.reduce(
        (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
        target,
      ),
    )
  fc.assert(
    fc.property(mutated, (target) => {
      assert.ok(!redirects.isAllowed(target) || staysHome(target), JSON.stringify(target))
    }),
    { numRuns: 20_000 },
  )
})
