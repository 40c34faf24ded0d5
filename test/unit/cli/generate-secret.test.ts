import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateSecret } from '../../../src/cli/generate-secret.ts'
import { cookieSecrets } from '../../../src/config/kinds/cookie-secrets.ts'

test('generates 32 random bytes in base64url, which are one cookie secret', () => {
  const secrets: string[] = []
  const codes = [1, 2].map(() => generateSecret({ print: (text) => secrets.push(text) }))
  assert.deepEqual(codes, [0, 0])
  assert.notEqual(secrets[0], secrets[1])
  for (const secret of secrets) {
    assert.match(secret, /^[\w-]{43}$/)
    const parsed = cookieSecrets.parse(secret)
    assert.equal(parsed.ok && parsed.value.length, 1)
  }
})
