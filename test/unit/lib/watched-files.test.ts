import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { watchFiles } from '../../../src/lib/watched-files.ts'
import { afterTest } from '../../support/cleanup.ts'
import { temporaryFolder } from '../../support/process.ts'
import { mockTimeouts } from '../../support/ticks.ts'

/** Two files that are read as `a+b`; whatever holds a `!` must not be used. */
function watched(t: TestContext) {
  const tick = mockTimeouts(t)
  const folder = temporaryFolder(t)
  const paths = ['a', 'b'].map((name) => join(folder, name))
  const write = (...contents: readonly string[]) =>
    contents.forEach((content, index) => writeFileSync(paths[index] ?? '', content))
  write('a1', 'b1')
  const changes: string[] = []
  const faults: unknown[] = []
  const files = watchFiles({
    paths,
    read(contents) {
      const text = contents.map(String).join('+')
      if (text.includes('!')) throw new Error(`${text.length} bytes are no use`)
      return text
    },
    onChange: (value, previous) => changes.push(`${previous} to ${value}`),
    onFault: (error) => faults.push(error),
    pollMs: 2000,
  })
  afterTest(t, () => files.close())
  return { files, folder, write, changes, faults, tick }
}

test('follows the files, all of them together', (t) => {
  const { files, write, changes, tick } = watched(t)
  assert.equal(files.current(), 'a1+b1')
  write('a2', 'b2')
  tick(2500)
  assert.equal(files.current(), 'a2+b2')
  tick(10_000)
  assert.deepEqual(changes, ['a1+b1 to a2+b2'])
})

test('SEC-52: what is still being written does not count', (t) => {
  const { files, write, changes, tick } = watched(t)
  write('a')
  tick(2000)
  write('a-half')
  tick(500)
  write('a-whole')
  tick(500)
  assert.equal(files.current(), 'a1+b1')
  tick(500)
  assert.equal(files.current(), 'a-whole+b1')
  assert.deepEqual(changes, ['a1+b1 to a-whole+b1'])
})

test('SEC-52: keeps what it knows when the files break, tells each reason once, and recovers', (t) => {
  const { files, folder, write, faults, tick } = watched(t)
  write('a!')
  tick(10_000)
  assert.equal(files.current(), 'a1+b1')
  assert.deepEqual(faults.map(String), ['Error: 5 bytes are no use'])
  rmSync(join(folder, 'a'))
  tick(10_000)
  assert.equal(files.current(), 'a1+b1')
  assert.equal(faults.length, 2)
  assert.match(String(faults[1]), /ENOENT/)
  write('a3')
  tick(10_000)
  assert.equal(files.current(), 'a3+b1')
  write('a!')
  tick(10_000)
  assert.equal(faults.length, 3, 'the first reason again, after all was well')
})

test('follows a mounted Secret, whose folder is swapped by a symlink', (t) => {
  const tick = mockTimeouts(t)
  const folder = temporaryFolder(t)
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'key'), version)
  }
  symlinkSync('v1', join(folder, '..data'))
  symlinkSync('..data/key', join(folder, 'key'))
  const paths = [join(folder, 'key')]
  const files = watchFiles({ paths, read: String, onChange() {}, onFault: assert.ifError })
  assert.equal(files.current(), 'v1')
  symlinkSync('v2', join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  tick(10_000)
  assert.equal(files.current(), 'v2')
  files.close()
  writeFileSync(join(folder, 'v2', 'key'), 'v3')
  tick(10_000)
  assert.equal(files.current(), 'v2', 'closed')
})

test('throws when the files cannot be used at the start', (t) => {
  const paths = [join(temporaryFolder(t), 'missing')]
  assert.throws(() => watchFiles({ paths, read: String, onChange() {}, onFault() {} }), /ENOENT/)
})
