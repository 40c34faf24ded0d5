import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { proxyFromEnvironment } from '../../../src/lib/proxy-from-environment.ts'

const [http, https] = ['http://web.proxy:3128/', 'http://tls.proxy:3128/']
const proxies = { HTTP_PROXY: 'http://web.proxy:3128', HTTPS_PROXY: 'http://tls.proxy:3128' }

describe('the environment names', () => {
  const cases: readonly (readonly [string, Record<string, string>, string, string | undefined])[] =
    [
      ['the proxy of http', proxies, 'http://id.example.com/keys', http],
      ['the proxy of https', proxies, 'https://id.example.com/keys', https],
      ['none for https', { HTTP_PROXY: http }, 'https://id.example.com', undefined],
      ['none for http', { HTTPS_PROXY: https }, 'http://id.example.com', undefined],
      ['one in lower case', { https_proxy: https }, 'https://id.example.com', https],
      ['the one in upper case', { https_proxy: http, HTTPS_PROXY: https }, 'https://a.test', https],
      ['one without a scheme', { HTTP_PROXY: 'web.proxy:3128' }, 'http://id.example.com', http],
      [
        'one with TLS',
        { HTTP_PROXY: 'https://p.test' },
        'http://id.example.com',
        'https://p.test/',
      ],
    ]
  for (const [title, environment, url, expected] of cases) {
    test(title, () => assert.equal(proxyFromEnvironment(environment)?.(url)?.href, expected))
  }
})

test('without a proxy nothing is decided', () => {
  assert.equal(proxyFromEnvironment({}), undefined)
  assert.equal(proxyFromEnvironment({ HTTPS_PROXY: ' ', NO_PROXY: '*' }), undefined)
})

describe('NO_PROXY', () => {
  const cases: readonly (readonly [noProxy: string, url: string, isDirect: boolean])[] = [
    ['', 'https://localhost:8443', true],
    ['', 'https://127.0.0.9', true],
    ['', 'https://[::1]:8443', true],
    ['', 'https://10.0.0.1', false],
    ['*', 'https://id.example.com', true],
    ['example.com', 'https://example.com', true],
    ['example.com', 'https://id.example.com', true],
    ['Example.COM', 'https://id.example.com', true],
    ['example.com', 'https://badexample.com', false],
    ['example.com', 'https://example.com.evil.test', false],
    ['.example.com', 'https://id.example.com', true],
    ['.example.com', 'https://example.com', false],
    ['*.example.com', 'https://id.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['a.test, example.com,', 'https://id.example.com', true],
    ['example.com:8443', 'https://id.example.com:8443', true],
    ['example.com:8443', 'https://id.example.com', false],
    ['example.com:443', 'https://id.example.com', true],
    ['example.com:80', 'http://id.example.com', true],
    ['10.0.0.0/8', 'https://10.1.2.3:8443', true],
    ['10.0.0.1/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/8', 'https://10.example.com', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['10.0.0.1', 'https://10.0.0.1', true],
    ['10.0.0.1', 'https://10.0.0.11', false],
    ['10.0.0.1:8443', 'https://10.0.0.1:8443', true],
    ['10.0.0.1:8443', 'https://10.0.0.1', false],
    ['fd00::1', 'https://[fd00::1]', true],
    ['[fd00::1]:8443', 'https://[fd00:0::1]:8443', true],
    ['[fd00::1]:8443', 'https://[fd00::1]', false],
  ]
  for (const [noProxy, url, isDirect] of cases) {
    test(`"${noProxy}": ${url} goes ${isDirect ? 'directly' : 'through the proxy'}`, () => {
      const proxyFor = proxyFromEnvironment({ ...proxies, NO_PROXY: noProxy })
      assert.equal(proxyFor?.(url) === undefined, isDirect)
    })
  }
})

test('a proxy that cannot be used is named by its variable, without what it may hold', () => {
  for (const value of ['socks5://user:hunter2@proxy:1080', 'http://user:hunter2@:bad']) {
    assert.throws(
      () => proxyFromEnvironment({ https_proxy: value }),
      ({ message }: Error) => message.includes('HTTPS_PROXY') && !message.includes('hunter2'),
    )
  }
})
