import type { Finding } from '../finding.ts'
import type { RawValue } from '../kind.ts'
import { variableOf } from '../option.ts'
import { optionTable, type OptionKey } from '../options.ts'
import { parseSettings } from '../parse-settings.ts'
import { readArgv } from '../sources/argv.ts'
import { readConfigFile } from '../sources/file.ts'
import type { Reading, Setting } from '../sources/setting.ts'
import type { Put, Tell } from './pod-values.ts'
import { isEmpty, isTree, type ValuesReader } from './values-reader.ts'

/** Options whose values belong into a Secret, and where the chart of ours reads them. */
const secretOptions = ['client_secret', 'cookie_secret', 'redis_password', 'redis_connection_url']

/** What the chart sets by values of its own. */
const setByChart: Readonly<Record<string, string>> = {
  http_address: 'ports.http sets it',
  https_address: 'tls.secretName sets it',
  tls_cert_file: 'tls.secretName sets it',
  tls_key_file: 'tls.secretName sets it',
  metrics_address: 'ports.metrics sets it',
  client_secret_file: 'existingSecret and secrets.client_secret set it',
  cookie_secret_file: 'existingSecret and secrets.cookie_secret set it',
}

const values: Readonly<Record<string, OptionKey>> = {
  'config.clientID': 'client_id',
  'config.cookieName': 'cookie_name',
  'config.emailDomains': 'email_domains',
  'config.upstreams': 'upstreams',
  'sessionStorage.type': 'session_store_type',
}

/**
 * All that says what Sallyport does: values of the chart, its configuration file, its flags and
 * variables, the strongest last. Secrets that stand in the values are told of, never moved.
 */
export function moveOptions(reader: ValuesReader, put: Put, tell: Tell): void {
  const settings = new Map<string, Setting>()
  const readings = [ownValues(reader), file(reader), variables(reader, put, tell), flags(reader)]
  for (const reading of readings) {
    for (const finding of reading.findings) tell(...described(finding))
    for (const setting of reading.settings) settings.set(setting.key, setting)
  }
  const { findings } = parseSettings(onlySet(settings), settings)
  const refused = new Set(findings.map(({ option }) => option))
  for (const finding of findings) tell(...described(finding))
  for (const { key, raw, source } of settings.values()) {
    const isSecret = secretOptions.includes(key)
    const byChart = setByChart[key]
    if (isSecret && (key !== 'redis_connection_url' || String(raw).includes('@'))) {
      tell(source, `${key} is a secret: put it into a Secret, and name that in secrets.${key}`)
    } else if (byChart !== undefined) tell(source, `${key} is left out: ${byChart}`)
    else if (!refused.has(key) && !isStandIn(key, raw)) put(`config.${key}`, plain(key, raw))
  }
}

function described({ option, source, problem, fix }: Finding): [path: string, why: string] {
  return [source, `${option} ${problem}: ${fix}`]
}

function onlySet(settings: ReadonlyMap<string, Setting>): Partial<typeof optionTable> {
  return Object.fromEntries(Object.entries(optionTable).filter(([key]) => settings.has(key)))
}

/** oauth2-proxy wants an upstream even where a gateway asks. */
function isStandIn(key: string, raw: RawValue): boolean {
  return key === 'upstreams' && JSON.stringify(raw) === '["file:///dev/null"]'
}

/** A flag says `true` where a file says true. */
function plain(key: string, raw: RawValue): RawValue {
  const option = optionTable[key as OptionKey]
  const { type } = option.kind.schema as { readonly type?: unknown }
  const parsed = option.kind.parse(raw)
  const isPlain = type === 'boolean' || type === 'integer'
  return isPlain && parsed.ok ? (parsed.value as RawValue) : raw
}

function ownValues(reader: ValuesReader): Reading {
  const settings = Object.entries(values).flatMap(([path, key]) => {
    const raw = reader.take(path)
    return isEmpty(raw) ? [] : [{ key, raw: raw as RawValue, source: path }]
  })
  return { settings, findings: [] }
}

function file(reader: ValuesReader): Reading {
  const text = reader.takeText('config.configFile')
  return text === undefined
    ? { settings: [], findings: [] }
    : readConfigFile('config.configFile', () => text)
}

/** `extraArgs` is a list of flags, or a table of them without dashes. */
function flags(reader: ValuesReader): Reading {
  const extra = reader.take('extraArgs')
  const argv = isTree(extra)
    ? Object.entries(extra).flatMap(([flag, value]) =>
        (Array.isArray(value) ? value : [value]).map((one) => `--${flag}=${String(one)}`),
      )
    : reader.takeTexts('extraArgs')
  return readArgv(argv)
}

function variables(reader: ValuesReader, put: Put, tell: Tell): Reading {
  const entries = reader.take('extraEnv')
  const keys = new Map(Object.keys(optionTable).map((key) => [variableOf(key), key]))
  const settings: Setting[] = []
  const others: unknown[] = []
  for (const entry of Array.isArray(entries) ? (entries as readonly unknown[]) : []) {
    const { name, value, valueFrom } = isTree(entry) ? entry : {}
    const key = keys.get(String(name))
    const from = isTree(valueFrom) ? valueFrom['secretKeyRef'] : undefined
    if (key !== undefined && typeof value === 'string') {
      settings.push({ key, raw: value, source: `extraEnv ${String(name)}` })
    } else if (key !== undefined && secretOptions.includes(key) && isTree(from)) {
      put(`secrets.${key}`, { name: from['name'], key: from['key'] })
    } else if (key === 'client_id') {
      tell('extraEnv', 'the client id is no secret: write it to config.client_id')
    } else others.push(entry)
  }
  if (others.length > 0) put('extraEnv', others)
  return { settings, findings: [] }
}
