import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Histogram, Registry } from 'prom-client'
import { createHistogram } from '../../../src/telemetry/histogram.ts'

const declaration = { name: 'times_seconds', help: 'Times.', labelNames: ['what', 'result'] }
const bounds = [0.001, 0.01, 1]

const labelValues = fc.constantFrom(['a', 'ok'] as const, ['a', 'error'] as const, ['"b"\n', 'ok'])
const seconds = fc.oneof(fc.constantFrom(0, ...bounds), fc.double({ min: 0, max: 2, noNaN: true }))

test("says what prom-client's own histogram says", async () => {
  const observed = fc.array(fc.tuple(labelValues, seconds))
  await fc.assert(
    fc.asyncProperty(observed, async (times) => {
      const [ours, theirs] = [new Registry(), new Registry()]
      const series = createHistogram(ours, declaration, bounds)
      const made = new Map(
        times.map(([[what = '', result = '']]) => [`${what} ${result}`, series(what, result)]),
      )
      const histogram = new Histogram({ ...declaration, buckets: bounds, registers: [theirs] })
      for (const [[what = '', result = ''], time] of times) {
        made.get(`${what} ${result}`)?.observe(time)
        histogram.labels(what, result).observe(time)
      }
      assert.deepEqual(lines(await ours.metrics()), lines(await theirs.metrics()))
    }),
  )
})

/** Order between series is free. */
function lines(exposition: string): readonly string[] {
  return exposition.split('\n').toSorted()
}
