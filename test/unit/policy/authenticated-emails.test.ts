import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import type { Log } from '../../../src/core/events.ts'
import { createAuthenticatedEmails, parseEmails } from '../../../src/policy/authenticated-emails.ts'
import { afterTest } from '../../support/cleanup.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/process.ts'

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

function open(t: TestContext, path: string, log: Partial<Log> = {}) {
  const emails = createAuthenticatedEmails({ path, log: { ...silent, ...log }, pollMs: 10 })
  afterTest(t, () => emails.close())
  return emails
}

function fileWith(t: TestContext, content: string | Buffer): string {
  const path = join(temporaryFolder(t), 'emails')
  writeFileSync(path, content)
  return path
}

describe('the addresses of a file', () => {
  const files: readonly (readonly [string, string, readonly string[]])[] = [
    ['one a line', 'a@x.example\nb@x.example\n', ['a@x.example', 'b@x.example']],
    ['Windows lines', 'a@x.example\r\nb@x.example', ['a@x.example', 'b@x.example']],
    ['the first column', 'a@x.example,Alice,1\nb@x.example,', ['a@x.example', 'b@x.example']],
    ['comments and blank lines', '# team\n\n  # b@x.example\na@x.example\n', ['a@x.example']],
    ['spaces around', '  a@x.example  , Alice\n\tb@x.example', ['a@x.example', 'b@x.example']],
    ['folded case', 'Alice@X.Example', ['alice@x.example']],
    ['quotes', '"a@x.example"\n"b@x.example" , "B, the other"', ['a@x.example', 'b@x.example']],
    ['quotes in quotes', '"""a""@x.example"', ['"a"@x.example']],
    ['an empty first column', ',a@x.example\n"",b@x.example', []],
    ['nothing', '', []],
  ]
  for (const [what, csv, expected] of files) {
    test(what, () => assert.deepEqual([...parseEmails(csv)], expected))
  }

  for (const line of ['"a@x.example', '"a@x.example"b', 'a"@x.example', '"a@x.example" b,c']) {
    test(`${line} is no CSV`, () => {
      assert.throws(() => parseEmails(`ok@x.example\n${line}`), /line 2 is no CSV/)
    })
  }
})

test('has an address whatever the case of its ASCII letters', (t) => {
  const emails = open(t, fileWith(t, '\ufeffAlice@Example.com\nkim@example.com\n'))
  assert.equal(emails.has('alice@example.com'), true)
  assert.equal(emails.has('ALICE@EXAMPLE.COM'), true)
  assert.equal(emails.has('bob@example.com'), false)
  assert.equal(emails.has(''), false)
  assert.equal(emails.has('\u212aim@example.com'), false)
})

describe('does not start with a file that cannot be read', () => {
  test('because it is missing', (t) => {
    const path = join(temporaryFolder(t), 'missing')
    assert.throws(() => open(t, path), /authenticated_emails_file .*missing is unreadable/)
  })

  test('because it is a folder', (t) => {
    assert.throws(() => open(t, temporaryFolder(t)), /is unreadable/)
  })

  test('because it is no CSV', (t) => {
    assert.throws(() => open(t, fileWith(t, '"open')), /is unreadable/)
  })

  test('because it is no UTF-8', (t) => {
    assert.throws(() => open(t, fileWith(t, Buffer.from([0x61, 0xff]))), /is unreadable/)
  })
})

test('follows the file', async (t) => {
  const path = fileWith(t, 'a@x.example\n')
  const emails = open(t, path)
  writeFileSync(path, 'b@x.example,second\n')
  await eventually(() => assert.ok(emails.has('b@x.example')))
  assert.equal(emails.has('a@x.example'), false)
})

test('follows a ConfigMap whose folder is swapped by a symlink', async (t) => {
  const folder = temporaryFolder(t)
  for (const [version, csv] of Object.entries({ v1: 'a@x.example', v2: 'b@x.example' })) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'emails'), csv)
  }
  symlinkSync('v1', join(folder, '..data'))
  symlinkSync('..data/emails', join(folder, 'emails'))
  const emails = open(t, join(folder, 'emails'))
  assert.equal(emails.has('a@x.example'), true)
  symlinkSync('v2', join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  await eventually(() => assert.equal(emails.has('b@x.example'), true))
  assert.equal(emails.has('a@x.example'), false)
})

test('SEC-52: keeps the addresses it knows when the file breaks, and says so', async (t) => {
  const path = fileWith(t, 'a@x.example\n')
  const errors: string[] = []
  const emails = open(t, path, {
    error: (event, fields) => errors.push(`${event} ${String(fields?.['cause'])}`),
  })
  writeFileSync(path, '"half wri')
  await eventually(() => assert.match(errors.join(), /line 1 is no CSV/))
  assert.equal(emails.has('a@x.example'), true)
  assert.equal(errors.length, 1, 'said once')

  rmSync(path)
  await eventually(() => assert.match(errors.join(), /ENOENT/))
  assert.equal(emails.has('a@x.example'), true)

  writeFileSync(path, 'b@x.example')
  await eventually(() => assert.ok(emails.has('b@x.example')))
  assert.equal(emails.has('a@x.example'), false)
})
