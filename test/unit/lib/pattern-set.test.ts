import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { createPatternSet } from '../../../src/lib/pattern-set.ts'

test('tells which of the patterns match', () => {
  const matchesIn = createPatternSet(['^/a', 'b$', '(?i)^/A/B$', '^/c'])
  assert.deepEqual(new Set(matchesIn('/a/b')), new Set([0, 1, 2]))
  assert.deepEqual(matchesIn('/d'), [])
})

test('an empty set matches nothing', () => {
  assert.deepEqual(createPatternSet([])('/a'), [])
})

test('finds what each pattern finds alone', () => {
  const literal = fc.constantFrom('/', 'a', 'b', '/api', 'é', '\\.', '.')
  const piece = fc
    .tuple(literal, fc.constantFrom('', '*', '+', '?', '{2}'))
    .map(([text, times]) => `(?:${text})${times}`)
  const pattern = fc
    .tuple(
      fc.constantFrom('', '^', '(?i)^', '(?s)'),
      fc.array(piece, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '$', '\\b', '|b'),
    )
    .map(([start, pieces, end]) => `${start}${pieces.join('')}${end}`)
  const text = fc
    .array(fc.constantFrom('/', 'a', 'B', 'b', 'é', '.', 'api', '\n'), { maxLength: 8 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      fc.array(pattern, { minLength: 1, maxLength: 6 }),
      fc.array(text, { minLength: 1, maxLength: 10 }),
      (patterns, texts) => {
        const matchesIn = createPatternSet(patterns)
        for (const one of texts) {
          const alone = patterns.flatMap((source, index) =>
            RE2JS.compile(source).test(one) ? [index] : [],
          )
          assert.deepEqual(
            new Set(matchesIn(one)),
            new Set(alone),
            JSON.stringify({ patterns, one }),
          )
        }
      },
    ),
    { numRuns: 500 },
  )
})
