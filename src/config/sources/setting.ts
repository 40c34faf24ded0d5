import type { Finding } from '../finding.ts'
import type { RawValue } from '../kind.ts'

/** One option as one source set it. */
export interface Setting {
  readonly key: string
  readonly raw: RawValue
  /** For findings: `flag --client-id`, `oauth2-proxy.toml line 3`, ... */
  readonly source: string
}

/** What one source holds. Keys of settings are those of the option table. */
export interface Reading {
  readonly settings: readonly Setting[]
  readonly findings: readonly Finding[]
}
