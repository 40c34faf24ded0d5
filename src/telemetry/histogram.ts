import type { Metric, MetricValueWithName, Registry } from 'prom-client'
import type { MetricDeclaration } from './metric-list.ts'

/** The times of one series, in seconds. */
export interface Times {
  observe(seconds: number): void
}

interface Series extends Times {
  readonly labels: Readonly<Record<string, string>>
  /** Of each bucket alone, the last for what is above all bounds. */
  readonly counts: Float64Array
  sum: number
}

/**
 * A histogram that adds one to a number for each time, and makes Prometheus' cumulative buckets when
 * somebody reads them. prom-client's makes and hashes an object of labels each time: 3 % of a check.
 * Returns the series of a set of label values; it shows from its first time on.
 */
export function createHistogram(
  registry: Registry,
  { name, help, labelNames }: MetricDeclaration,
  bounds: readonly number[],
): (...labelValues: readonly string[]) => Times {
  const all: Series[] = []

  function valuesOf({ labels, counts, sum }: Series): MetricValueWithName<string>[] {
    let count = 0
    const ofBuckets = [...bounds, '+Inf'].map((le, index) => {
      count += counts[index] ?? 0
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count }
    })
    if (count === 0) return []
    return [
      ...ofBuckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }

  const metric = {
    name,
    help,
    async get() {
      return { name, help, type: 'histogram', values: all.flatMap(valuesOf) }
    },
  }
  // What a registry asks of one; its type knows prom-client's own classes alone.
  registry.registerMetric(metric as unknown as Metric)

  return (...labelValues) => {
    const labels = Object.fromEntries(
      labelNames.map((label, index) => [label, labelValues[index] ?? '']),
    )
    const counts = new Float64Array(bounds.length + 1)
    const series: Series = {
      labels,
      counts,
      sum: 0,
      observe(seconds) {
        let index = 0
        while (seconds > (bounds[index] ?? Infinity)) index += 1
        counts[index] = (counts[index] ?? 0) + 1
        series.sum += seconds
      },
    }
    all.push(series)
    return series
  }
}
