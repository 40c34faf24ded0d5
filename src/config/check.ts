import { adminRules } from './checks/admin.ts'
import { cookieRules } from './checks/cookies.ts'
import { headerRules } from './checks/headers.ts'
import { insecureRules } from './checks/insecure.ts'
import { providerRules } from './checks/provider.ts'
import { redisRules } from './checks/redis.ts'
import { requiredRules } from './checks/required.ts'
import type { Rule } from './checks/rule.ts'
import type { Finding } from './finding.ts'

const rules: readonly Rule[] = [
  ...requiredRules,
  ...providerRules,
  ...redisRules,
  ...cookieRules,
  ...headerRules,
  ...adminRules,
  ...insecureRules,
]

/** What is wrong between options. A rule runs only when all options that it reads were parsed. */
export function checkOptions(
  values: Readonly<Record<string, unknown>>,
  sourceOf: (key: string) => string,
): { readonly findings: readonly Finding[]; readonly warnings: readonly Finding[] } {
  const findings: Finding[] = []
  const warnings: Finding[] = []
  for (const rule of rules) {
    if (!rule.keys.every((key) => Object.hasOwn(values, key))) continue
    const complaint = rule.check(values)
    if (!complaint) continue
    const { severity, option, problem, fix } = complaint
    const list = severity === 'error' ? findings : warnings
    list.push({ option, source: sourceOf(option), problem, fix })
  }
  return { findings, warnings }
}
