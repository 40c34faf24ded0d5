import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Kind } from '../../../../src/config/kind.ts'
import type { SkipRoute } from '../../../../src/core/skip-route.ts'
import { patterns, skipPatterns, skipRoutes } from '../../../../src/config/kinds/pattern.ts'
import { refuses, warns } from './kind-cases.ts'

function routesOf(kind: Kind<readonly SkipRoute[]>, raw: string | string[]): unknown {
  const parsed = kind.parse(raw)
  assert.ok(parsed.ok)
  return parsed.value.map(({ method, pattern, negate }) => [method, negate, pattern.source])
}

for (const [entry, expected] of [
  ['^/public', ['', false, '^/public']],
  ['GET=^/public', ['GET', false, '^/public']],
  ['get=^/public', ['GET', false, '^/public']],
  ['=^/a=b', ['', false, '^/a=b']],
  ['GET!=^/admin', ['GET', true, '^/admin']],
  ['!=^/admin', ['', true, '^/admin']],
  ['GET=^/a!=b', ['GET', false, '^/a!=b']],
] as const) {
  test(`the route "${entry}" is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(routesOf(skipRoutes, [entry]), [expected])
  })
}

test('a regex of skip_auth_regex is never split', () => {
  assert.deepEqual(routesOf(skipPatterns, ['^/a=b']), [['', false, '^/a=b']])
})

test('patterns match anywhere unless they are anchored, as RE2 does', () => {
  const parsed = patterns.parse(['^/api', 'v[0-9]+$'])
  assert.ok(parsed.ok)
  const [anchored, free] = parsed.value
  assert.equal(anchored?.test('/api/x'), true)
  assert.equal(anchored?.test('/x/api'), false)
  assert.equal(free?.test('/x/v12'), true)
})

test('SEC-13: a hostile pattern takes linear time', () => {
  const parsed = patterns.parse(['^(a+)+$'])
  assert.ok(parsed.ok)
  assert.equal(parsed.value[0]?.test(`${'a'.repeat(50_000)}!`), false)
})

for (const kind of [patterns, skipPatterns, skipRoutes]) {
  warns('SEC-13: a pattern without ^', kind, [
    ['/public', /does not start with \^/],
    [['^/a', '/public'], /^entry 2 does not start with \^/],
  ])
  refuses('a pattern', kind, [
    [[String.raw`^/(a)\1`], /RE2/],
    [['^/a', '^('], /^entry 2 .*RE2/],
    [[''], /would match everything/],
  ])
}
refuses('a route', skipRoutes, [
  [['^/a?x=1'], /other than a method before its first =/],
  [['GET='], /would match everything/],
])

test('case flags before ^ count as anchored, and so does a negated route', () => {
  for (const entry of ['(?i)^/public', String.raw`\A/public`, 'GET!=/admin']) {
    const parsed = skipRoutes.parse([entry])
    assert.deepEqual(parsed.ok && parsed.warnings, [])
  }
})
