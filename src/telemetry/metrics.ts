import { createRequire } from 'node:module'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { frontNames, type FrontName } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import type { ObserveCall } from '../core/events.ts'
import { createHistogram } from './histogram.ts'
import {
  metricList,
  outcomeReasons,
  providerOperations,
  refreshResults,
  routes,
  sessionEvents,
  signInResults,
  statusClasses,
  storeOperations,
  type MetricDeclaration,
  type RefreshResult,
  type Route,
  type SessionEvent,
  type SignInResult,
} from './metric-list.ts'

/** Counts and times of this process. Every label has a closed list of values. */
export interface Metrics {
  checked(front: FrontName, decision: Pick<Decision, 'reason'>): void
  signInEnded(result: SignInResult): void
  refreshed(result: RefreshResult): void
  sessionEvent(event: SessionEvent): void
  requestServed(route: Route, status: number, seconds: number): void
  readonly observeProvider: ObserveCall
  readonly observeStore: ObserveCall
  /** All metrics in the Prometheus text format. */
  exposition(): Promise<Exposition>
}

interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** 1 ms for a cached check to 10 s for a provider at its deadline. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Every series of a counter exists from the start, so that a first failure shows as an increase. */
export function createMetrics({ version }: { readonly version: string }): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectProcessMetrics(registry)
  new Gauge({ ...metricList.buildInfo, registers }).labels(version, process.version).set(1)
  const signIns = createCounter(registry, metricList.signIns, signInResults)
  const refreshes = createCounter(registry, metricList.refreshes, refreshResults)
  const sessions = createCounter(registry, metricList.sessions, sessionEvents)

  return {
    checked: createCheckCounter(registry),
    signInEnded: signIns,
    refreshed: refreshes,
    sessionEvent: sessions,
    requestServed: createRequestTimer(registry),
    observeProvider: createCallTimer(registry, metricList.providerRequests, providerOperations),
    observeStore: createCallTimer(registry, metricList.storeOperations, storeOperations),
    async exposition() {
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

type CollectDefault = (registry: Registry, config: object) => void

/**
 * prom-client's default metrics but for that of garbage collections: it is told of each by an
 * observer of Node's, which makes a check 4 % dearer.
 */
function collectProcessMetrics(registry: Registry): void {
  const require = createRequire(import.meta.url)
  for (const name of collectDefaultMetrics.metricsList) {
    if (name === 'gc') continue
    const collectDefault = require(`prom-client/lib/metrics/${name}.js`) as CollectDefault
    collectDefault(registry, { eventLoopMonitoringPrecision: 10 })
  }
}

function createCounter<Value extends string>(
  registry: Registry,
  declaration: MetricDeclaration,
  values: readonly Value[],
): (value: Value) => void {
  const counter = new Counter({ ...declaration, registers: [registry] })
  const children = new Map(values.map((value) => [value, counter.labels(value)]))
  for (const child of children.values()) child.inc(0)
  return (value) => children.get(value)?.inc()
}

/** Each check adds to a number of ours, which the counter gets when somebody reads it. */
function createCheckCounter(registry: Registry): Metrics['checked'] {
  const tallies: { count: number; readonly child: Counter.Internal }[] = []
  const counter = new Counter({
    ...metricList.checks,
    registers: [registry],
    collect() {
      for (const tally of tallies) {
        tally.child.inc(tally.count)
        tally.count = 0
      }
    },
  })
  const byFront = new Map<string, Map<string, (typeof tallies)[number]>>()
  for (const front of frontNames) {
    const byReason = new Map<string, (typeof tallies)[number]>()
    byFront.set(front, byReason)
    for (const [outcome, reasons] of Object.entries(outcomeReasons)) {
      for (const reason of reasons) {
        const tally = { count: 0, child: counter.labels(front, outcome, reason) }
        tallies.push(tally)
        byReason.set(reason, tally)
      }
    }
  }
  return (front, { reason }) => {
    const tally = byFront.get(front)?.get(reason)
    if (tally) tally.count += 1
  }
}

function createCallTimer(
  registry: Registry,
  declaration: MetricDeclaration,
  operations: readonly string[],
): ObserveCall {
  const times = createHistogram(registry, declaration, buckets)
  const timers = new Map(
    operations.map((operation) => [
      operation,
      { ok: times(operation, 'ok'), error: times(operation, 'error') },
    ]),
  )
  return (operation, result, seconds) => {
    const ofOperation = timers.get(operation) ?? timers.get('other')
    ofOperation?.[result].observe(seconds)
  }
}

function createRequestTimer(registry: Registry): Metrics['requestServed'] {
  const times = createHistogram(registry, metricList.httpRequests, buckets)
  const timers = new Map(
    routes.map((route) => [route, statusClasses.map((code) => times(route, code))]),
  )
  return (route, status, seconds) => {
    timers.get(route)?.[Math.floor(status / 100) - 1]?.observe(seconds)
  }
}
