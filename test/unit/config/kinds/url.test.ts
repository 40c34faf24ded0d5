import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cookiePath,
  httpUrl,
  isLoopback,
  origins,
  pathPrefix,
  providerUrl,
  routePath,
  urlOrPath,
} from '../../../../src/config/kinds/url.ts'
import { accepts, refuses, warns } from './kind-cases.ts'

const urls = [
  ['', ''],
  ['https://sso.example.com', 'https://sso.example.com'],
  ['https://sso.example.com/', 'https://sso.example.com/'],
  ['http://127.0.0.1:8080/a?b=c', 'http://127.0.0.1:8080/a?b=c'],
  ['https://sso.example.com/out?hint={id_token}', 'https://sso.example.com/out?hint={id_token}'],
] as const
const notUrls = [
  ['sso.example.com', /not an absolute URL/],
  ['ftp://sso.example.com', /not an absolute URL/],
  ['https:///sso', /not an absolute URL/],
  ['https:sso', /not an absolute URL/],
  ['https://sso.example.com\\@evil', /not an absolute URL/],
  ['https://sso .example.com', /not an absolute URL/],
  [' https://sso.example.com', /not an absolute URL/],
  ['https://user:pass@sso.example.com', /user name or password/],
  ['https://sso.example.com/#x', /fragment/],
] as const
accepts('a URL', httpUrl, urls)
refuses('a URL', httpUrl, [...notUrls, ['/path', /not an absolute URL/]])

accepts('origins', origins, [
  ['https://spa.example.com', ['https://spa.example.com']],
  [
    ['http://localhost:3000', 'https://[::1]:8443'],
    ['http://localhost:3000', 'https://[::1]:8443'],
  ],
])
refuses('origins', origins, [
  ['https://spa.example.com/', /not an origin/],
  ['https://SPA.example.com', /not an origin/],
  ['https://spa.example.com:443', /not an origin/],
  ['spa.example.com', /not an origin/],
  ['*', /not an origin/],
  ['null', /not an origin/],
  ['ftp://spa.example.com', /not an origin/],
])

accepts('a URL of the provider (SEC-15)', providerUrl, urls)
warns('a URL of the provider (SEC-15)', providerUrl, [['http://sso.example.com', /plain http/]])

accepts('a URL or path', urlOrPath, [
  ...urls.filter(([url]) => !url.includes('?')),
  ['/oauth2/callback', '/oauth2/callback'],
])
refuses('a URL or path', urlOrPath, [
  ...notUrls,
  ['//evil.example', /not a usable path/],
  ['/a\\b', /not a usable path/],
  ['/a#b', /not a usable path/],
  ['/a?b=c', /holds a query/],
  ['https://sso.example.com/a?b=c', /holds a query/],
])

accepts('a route', routePath, [
  ['', ''],
  ['/ping', '/ping'],
  ['/health/live', '/health/live'],
])
refuses('a route', routePath, [
  ['ping', /not a path/],
  ['/pi ng', /not a path/],
  ['//ping', /not a path/],
  ['/ping?x', /not a path/],
])

accepts('a prefix', pathPrefix, [
  ['/oauth2', '/oauth2'],
  ['/a/b', '/a/b'],
])
refuses('a prefix', pathPrefix, [
  ['', /not a path/],
  ['/', /not a path/],
  ['oauth2', /not a path/],
  ['/oauth2/', /not a path/],
  ['/a/../b', /not a path/],
  ['//a', /not a path/],
])

accepts('a cookie path', cookiePath, [['/app', '/app']])
refuses('a cookie path', cookiePath, [
  ['', /not a path for cookies/],
  ['app', /not a path for cookies/],
  ['/; Domain=evil', /not a path for cookies/],
])

for (const [url, expected] of [
  ['http://localhost:1', true],
  ['http://127.1.2.3', true],
  ['http://[::1]', true],
  ['http://127.0.0.1.evil.example', false],
  ['http://10.0.0.1', false],
] as const) {
  test(`${url} is ${expected ? 'this' : 'another'} machine`, () => {
    assert.equal(isLoopback(new URL(url)), expected)
  })
}
