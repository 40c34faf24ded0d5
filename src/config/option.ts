import type { Kind, RawValue } from './kind.ts'

interface Facts {
  readonly default: RawValue
  /** One or two sentences in our own words; says the risk where there is one. */
  readonly help: string
  /** Without dashes. Absent = the key with hyphens. */
  readonly flag?: string
}

/** Everything known about one option. Its key in the file is its name in the table. */
export interface Option<T, Served extends boolean = boolean> extends Facts {
  readonly kind: Kind<T>
  /** False: known from oauth2-proxy, refused when set to anything but its default. */
  readonly served: Served
  /** True: oauth2-proxy has no such option. */
  readonly ours: boolean
}

export function option<T>(kind: Kind<T>, facts: Facts): Option<T, true> {
  return { ...facts, kind, served: true, ours: false }
}

/** An option that oauth2-proxy does not have. */
export function ourOption<T>(kind: Kind<T>, facts: Facts): Option<T, true> {
  return { ...facts, kind, served: true, ours: true }
}

/** An option of oauth2-proxy that this release knows but does not serve. */
export function unserved<T>(kind: Kind<T>, facts: Facts): Option<T, false> {
  return { ...facts, kind, served: false, ours: false }
}

/** `--cookie-domain` for `cookie_domains`: flags say one, keys say all. */
export function flagOf(key: string, { flag }: Pick<Facts, 'flag'>): string {
  return `--${flag ?? key.replaceAll('_', '-')}`
}

export const variablePrefix = 'OAUTH2_PROXY_'

export function variableOf(key: string): string {
  return variablePrefix + key.toUpperCase()
}
