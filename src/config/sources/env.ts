import type { Finding } from '../finding.ts'
import { variableOf, variablePrefix } from '../option.ts'
import { optionTable } from '../options.ts'
import { didYouMean } from '../suggest.ts'
import type { Reading, Setting } from './setting.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const keys: ReadonlyMap<string, string> = new Map(
  Object.keys(optionTable).map((key) => [variableOf(key), key]),
)

/** What Kubernetes sets in every pod when a Service is called `oauth2-proxy`. */
const serviceLink = /^(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/

/** Reads `OAUTH2_PROXY_*`; empty variables count as unset. Findings here are warnings. */
export function readEnv(env: Environment): Reading {
  const settings: Setting[] = []
  const findings: Finding[] = []
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(variablePrefix) || value === undefined || value === '') continue
    const key = keys.get(name)
    if (key !== undefined) {
      settings.push({ key, raw: value, source: `environment variable ${name}` })
    } else if (!serviceLink.test(name.slice(variablePrefix.length))) {
      findings.push({
        option: name,
        source: 'environment',
        problem: 'is not a variable that anything reads',
        fix: didYouMean(name.slice(variablePrefix.length), optionTable, variableOf),
      })
    }
  }
  return { settings, findings }
}
