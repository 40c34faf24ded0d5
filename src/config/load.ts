import { checkOptions } from './check.ts'
import type { Finding } from './finding.ts'
import { optionTable, type Options } from './options.ts'
import { commandLineOptions } from './options/command-line.ts'
import { parseSettings } from './parse-settings.ts'
import { withProviderDefaults } from './provider-defaults.ts'
import { readArgv } from './sources/argv.ts'
import { readEnv, type Environment } from './sources/env.ts'
import { readConfigFile } from './sources/file.ts'
import type { ReadFile } from './sources/read-text.ts'
import { readSecretFiles } from './sources/secret-files.ts'
import type { Setting } from './sources/setting.ts'

export interface LoadInputs {
  /** Flags only: without the program's name and its command. */
  readonly argv: readonly string[]
  readonly env: Environment
  readonly readFile: ReadFile
}

export type Loaded =
  | { readonly ok: true; readonly options: Options; readonly warnings: readonly Finding[] }
  | {
      readonly ok: false
      readonly findings: readonly Finding[]
      readonly warnings: readonly Finding[]
    }

/**
 * The options of this process: flag before variable before file before default, as oauth2-proxy
 * has it. Reads the configuration file and the files of secrets, and has no other effect. All that
 * is wrong is found at once.
 */
export function loadOptions(inputs: LoadInputs): Loaded {
  const { settings, findings: unread, warnings: odd } = readSettings(inputs)
  const secrets = readSecretFiles(settings, inputs.readFile)
  for (const setting of secrets.settings) settings.set(setting.key, setting)

  const commandLine = parseSettings(commandLineOptions, settings)
  const parsed = parseSettings(optionTable, settings)
  const values = { ...withProviderDefaults(parsed.values, inputs.env) }
  // A secret whose file cannot be read is not missing besides.
  for (const { secret } of secrets.findings) delete values[secret]
  const checked = checkOptions(values, (key) => settings.get(key)?.source ?? 'default')

  const findings = [
    ...unread,
    ...secrets.findings.map(({ finding }) => finding),
    ...commandLine.findings,
    ...parsed.findings,
    ...checked.findings,
  ]
  const warnings = [...odd, ...parsed.warnings, ...checked.warnings]
  if (findings.length > 0) return { ok: false, findings, warnings }
  return { ok: true, options: deepFreeze(values as unknown as Options), warnings }
}

/** What of the configuration a probe of this service has to know. */
export type ProbeOptions = Pick<Options, keyof typeof probeOptions>

const { http_address, https_address, tls_cert_file } = optionTable
const { ready_path, ping_path, ping_user_agent } = optionTable
const listening = { http_address, https_address, tls_cert_file }
const probeOptions = { ...listening, ready_path, ping_path, ping_user_agent }

/**
 * As `loadOptions`, of these few options alone: a probe needs no client id, and beside a service
 * that runs nobody wants to read of anything else.
 */
export function loadProbeOptions(
  inputs: LoadInputs,
):
  | { readonly ok: true; readonly options: ProbeOptions }
  | { readonly ok: false; readonly findings: readonly Finding[] } {
  const { settings, findings: unread } = readSettings(inputs)
  const { values, findings } = parseSettings(probeOptions, settings)
  const all = [...unread, ...findings]
  if (all.length > 0) return { ok: false, findings: all }
  return { ok: true, options: values as unknown as ProbeOptions }
}

/** What the sources say, the strongest of each key. */
function readSettings({ argv, env, readFile }: LoadInputs): {
  readonly settings: Map<string, Setting>
  readonly findings: readonly Finding[]
  readonly warnings: readonly Finding[]
} {
  const flags = readArgv(argv)
  const variables = readEnv(env)
  const path = flags.settings.find(({ key }) => key === 'config')?.raw
  const file =
    path === undefined || path === '' ? undefined : readConfigFile(String(path), readFile)

  const settings = new Map<string, Setting>()
  for (const reading of [file, variables, flags]) {
    for (const setting of reading?.settings ?? []) settings.set(setting.key, setting)
  }
  const findings = [...flags.findings, ...(file?.findings ?? [])]
  return { settings, findings, warnings: variables.findings }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
