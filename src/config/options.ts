import type { Option } from './option.ts'
import { adminOptions } from './options/admin.ts'
import { cookieOptions } from './options/cookie.ts'
import { headerOptions } from './options/headers.ts'
import { loggingOptions } from './options/logging.ts'
import { metricsOptions } from './options/metrics.ts'
import { oidcOptions } from './options/oidc.ts'
import { pageOptions } from './options/pages.ts'
import { policyOptions } from './options/policy.ts'
import { providerOptions } from './options/provider.ts'
import { proxyOptions } from './options/proxy.ts'
import { redisOptions } from './options/redis.ts'
import { serverOptions } from './options/server.ts'
import { sessionOptions } from './options/session.ts'
import { upstreamOptions } from './options/upstreams.ts'
import { vendorOptions } from './options/vendors.ts'

/** Every option, by its key in the file. */
export const optionTable = {
  ...serverOptions,
  ...proxyOptions,
  ...providerOptions,
  ...oidcOptions,
  ...cookieOptions,
  ...sessionOptions,
  ...redisOptions,
  ...policyOptions,
  ...headerOptions,
  ...upstreamOptions,
  ...pageOptions,
  ...loggingOptions,
  ...metricsOptions,
  ...adminOptions,
  ...vendorOptions,
}

type Table = typeof optionTable

export type OptionKey = keyof Table

/** The checked values of all served options, deeply frozen. Durations are milliseconds. */
export type Options = {
  readonly [K in OptionKey as Table[K]['served'] extends true ? K : never]: ValueOf<Table[K]>
}

type ValueOf<O> = O extends Option<infer T> ? T : never

/** The groups in the order of the docs. */
export const optionGroups: readonly {
  readonly title: string
  readonly options: Readonly<Record<string, Option<unknown>>>
}[] = [
  { title: 'Server', options: serverOptions },
  { title: 'Gateway and browser', options: proxyOptions },
  { title: 'Provider', options: providerOptions },
  { title: 'OpenID Connect', options: oidcOptions },
  { title: 'Cookies', options: cookieOptions },
  { title: 'Sessions', options: sessionOptions },
  { title: 'Redis', options: redisOptions },
  { title: 'Policy', options: policyOptions },
  { title: 'Headers', options: headerOptions },
  { title: 'Upstreams', options: upstreamOptions },
  { title: 'Pages', options: pageOptions },
  { title: 'Logging', options: loggingOptions },
  { title: 'Metrics', options: metricsOptions },
  { title: 'Admin', options: adminOptions },
  { title: 'Single vendors', options: vendorOptions },
]
