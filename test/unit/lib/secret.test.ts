import assert from 'node:assert/strict'
import { format, inspect } from 'node:util'
import { describe, test } from 'node:test'
import { Secret } from '../../../src/lib/secret.ts'

const secret = new Secret('hunter2')

test('gives its value to whoever asks for it', () => {
  assert.equal(secret.reveal(), 'hunter2')
  assert.equal(new Secret('').reveal(), '')
})

describe('SEC-33: does not show its value', () => {
  const printed: Readonly<Record<string, () => string>> = {
    'in String()': () => String(secret),
    'in a joined list': () => [secret].join(','),
    'in JSON': () => JSON.stringify({ secret, list: [secret] }),
    'in inspect()': () => inspect({ secret, map: new Map([['a', secret]]) }, { depth: 9 }),
    'in inspect() with everything shown': () => inspect(secret, { showHidden: true }),
    'in inspect() without its own say': () => inspect(secret, { customInspect: false }),
    'in format()': () => format('%s %o %O %j', secret, secret, secret, secret),
    'in an error': () => inspect(new Error('failed', { cause: secret })),
    'in its properties': () => JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
  }
  for (const [where, print] of Object.entries(printed)) {
    test(where, () => assert.ok(!print().includes('hunter2'), print()))
  }
})
