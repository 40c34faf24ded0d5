import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseCsv } from '../../../../src/config/sources/csv.ts'

const records: readonly (readonly [record: string, entries: readonly string[] | undefined])[] = [
  ['', []],
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  ['a,', ['a', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"say ""hi"""', ['say "hi"']],
  ['"a', undefined],
  ['a"b', undefined],
  ['"a"b', undefined],
]
for (const [record, entries] of records) {
  test(`reads the record ${record}`, () => {
    assert.deepEqual(parseCsv(record), entries)
  })
}

test('reads back whatever entries are quoted', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (entries) => {
      const record = entries.map((entry) => `"${entry.replaceAll('"', '""')}"`).join(',')
      assert.deepEqual(parseCsv(record), entries)
    }),
  )
})
