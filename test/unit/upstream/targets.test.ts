import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Upstream } from '../../../src/core/upstream.ts'
import { createTargets } from '../../../src/upstream/targets.ts'

const upstream = (path: string): Upstream => ({ kind: 'static', path, status: 200 })
const routes = (...paths: string[]) => createTargets(paths.map(upstream))

for (const [url, paths, found] of [
  ['/', ['/'], '/'],
  ['/x/y', ['/'], '/'],
  ['/foo/bar', ['/', '/foo/', '/foo/bar/'], '/foo/'],
  ['/foo/bar/', ['/', '/foo/', '/foo/bar/'], '/foo/bar/'],
  ['/foo/bar/x?y', ['/', '/foo/', '/foo/bar/'], '/foo/bar/'],
  ['/foo', ['/', '/foo'], '/foo'],
  ['/foo?x=/', ['/', '/foo'], '/foo'],
  ['/foo/', ['/', '/foo'], '/'],
  ['/foobar', ['/', '/foo'], '/'],
  ['/foo', ['/', '/foo/'], '/'],
  ['/FOO/x', ['/', '/foo/'], '/'],
  ['/%66oo/x', ['/', '/foo/'], '/'],
] as const) {
  test(`${url} among ${paths.join(' ')} goes to ${found}`, () => {
    assert.deepEqual(routes(...paths).find(url), { kind: 'upstream', upstream: upstream(found) })
  })
}

for (const [url, location] of [
  ['/foo', '/foo/'],
  ['/foo?', '/foo/?'],
  ['/foo?a=b?c', '/foo/?a=b?c'],
] as const) {
  test(`${url} is redirected to ${location} when only /foo/ is there`, () => {
    assert.deepEqual(routes('/foo/', '/bar').find(url), { kind: 'redirect', location })
  })
}

test('nothing is found outside of all paths', () => {
  for (const url of ['/', '/fo', '/foo/x', '/bar/', '*', '']) {
    assert.equal(routes('/foo', '/bar').find(url), undefined)
  }
  assert.equal(routes().find('/'), undefined)
})
