import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SkipRoute } from '../../../src/core/skip-route.ts'
import { createSkipRules } from '../../../src/policy/skip-rules.ts'

function route(method: string, source: string, negate = false): SkipRoute {
  const pattern = new RegExp(source, 'u')
  return { method, negate, pattern: { source, test: (text) => pattern.test(text) } }
}

function isSkipped(routes: readonly SkipRoute[], method: string, rulePath: string | undefined) {
  return createSkipRules(routes)({ method, rulePath })
}

test('any of the routes is enough', () => {
  const routes = [route('GET', '^/public'), route('', '^/assets/')]
  assert.equal(isSkipped(routes, 'GET', '/public/a'), true)
  assert.equal(isSkipped(routes, 'POST', '/assets/a'), true)
  assert.equal(isSkipped(routes, 'POST', '/public/a'), false)
  assert.equal(isSkipped(routes, 'GET', '/admin'), false)
  assert.equal(isSkipped([], 'GET', '/'), false)
})

test('a pattern matches anywhere in the path', () => {
  assert.equal(isSkipped([route('', 'css$')], 'GET', '/a/b.css'), true)
})

test('a negated route is what its pattern does not match, for its method', () => {
  const routes = [route('GET', '^/admin', true)]
  assert.equal(isSkipped(routes, 'GET', '/public'), true)
  assert.equal(isSkipped(routes, 'GET', '/admin/x'), false)
  assert.equal(isSkipped(routes, 'POST', '/public'), false)
})

test('SEC-5: an ambiguous path fits no route, not even a negated one', () => {
  const routes = [route('', ''), route('', '^/admin', true), route('GET', 'x', true)]
  assert.equal(isSkipped(routes, 'GET', undefined), false)
})

describe('SEC-38: a route for any method', () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    test(`takes ${method}`, () => assert.equal(isSkipped([route('', '^/')], method, '/'), true))
  }

  for (const method of ['TRACE', 'CONNECT', 'get', 'Get', 'JEFF', 'GET ', 'PROPFIND', '*']) {
    test(`does not take ${JSON.stringify(method)}`, () => {
      assert.equal(isSkipped([route('', '^/')], method, '/'), false)
      assert.equal(isSkipped([route('', '^/x', true)], method, '/'), false)
    })
  }

  test('takes a request whose method nobody vouches for, which a route for one method does not', () => {
    assert.equal(isSkipped([route('', '^/')], '', '/'), true)
    assert.equal(isSkipped([route('GET', '^/')], '', '/'), false)
  })

  test('and a route for one method takes that one alone', () => {
    assert.equal(isSkipped([route('GET', '^/')], 'get', '/'), false)
    assert.equal(isSkipped([route('GET', '^/')], 'HEAD', '/'), false)
    assert.equal(isSkipped([route('PROPFIND', '^/dav/')], 'PROPFIND', '/dav/'), true)
  })
})
