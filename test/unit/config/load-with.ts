import { stringify } from 'smol-toml'
import type { Finding } from '../../../src/config/finding.ts'
import { loadOptions, type Loaded } from '../../../src/config/load.ts'
import type { Options } from '../../../src/config/options.ts'

/** The least that a configuration must hold. */
export const minimal = {
  provider: 'oidc',
  oidc_issuer_url: 'https://sso.example.com',
  client_id: 'app',
  client_secret: 'hush-hush',
  cookie_secret: '0123456789abcdef',
  email_domains: ['example.com'],
}

export interface Sources {
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

/** Loads from sources alone; files are held in memory. */
export function loadFrom({ argv = [], env = {}, files = {} }: Sources): Loaded {
  return loadOptions({ argv, env, readFile: memoryFiles(files) })
}

/** Loads `app.toml` with the minimal keys and the given ones; `undefined` removes a key. */
export function loadWith(values: Readonly<Record<string, unknown>>, sources: Sources = {}): Loaded {
  const file = { ...minimal, ...values }
  const entries = Object.entries(file).filter(([, value]) => value !== undefined)
  return loadFrom({
    ...sources,
    argv: ['--config=app.toml', ...(sources.argv ?? [])],
    files: { 'app.toml': stringify(Object.fromEntries(entries)), ...sources.files },
  })
}

/** The options, or a failure that lists the findings. */
export function optionsOf(loaded: Loaded): Options {
  if (loaded.ok) return loaded.options
  throw new Error(`not loaded: ${JSON.stringify(loaded.findings)}`)
}

export function findingsOf(loaded: Loaded): readonly Finding[] {
  return loaded.ok ? [] : loaded.findings
}

/** `option problem` of each finding. */
export function problems(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ option, problem }) => `${option} ${problem}`)
}

export function memoryFiles(files: Readonly<Record<string, string>>): (path: string) => string {
  return (path) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return text
  }
}
