import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Kind, RawValue } from '../../../src/config/kind.ts'
import { flagOf, variableOf, type Option } from '../../../src/config/option.ts'
import { optionGroups, optionTable } from '../../../src/config/options.ts'
import { commandLineOptions } from '../../../src/config/options/command-line.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { findingsOf, loadWith, optionsOf, problems } from './load-with.ts'

interface UpstreamOption {
  readonly key: string | null
  readonly flag: string
  readonly env: string | null
  readonly type: 'string' | 'string[]' | 'bool' | 'int' | 'duration'
  readonly default: string | number | boolean | readonly string[]
}

const upstreamOptions = JSON.parse(
  readFileSync(new URL('../../data/oauth2-proxy-options.json', import.meta.url), 'utf8'),
) as readonly UpstreamOption[]

const table: Readonly<Record<string, Option<unknown>>> = { ...optionTable, ...commandLineOptions }
const entries = Object.entries<Option<unknown>>(optionTable)

for (const upstream of upstreamOptions) {
  test(`knows ${upstream.key ?? upstream.flag} of oauth2-proxy, with its flag, variable and default`, () => {
    const key = upstream.key ?? upstream.flag.slice(2).replaceAll('-', '_')
    const option = table[key]
    assert.ok(option, 'not declared')
    assert.equal(option.ours, false)
    assert.equal(flagOf(key, option), upstream.flag)
    if (upstream.env !== null) assert.equal(variableOf(key), upstream.env)
    assert.deepEqual(
      comparable(option.kind, option.default),
      comparable(option.kind, upstream.default),
    )
    assert.equal(option.kind.flag === 'list', upstream.type === 'string[]')
  })
}

test('declares nothing that oauth2-proxy does not have, unless it is marked as ours', () => {
  const known = new Set(upstreamOptions.map(({ key }) => key))
  const unmarked = entries.filter(([key, option]) => !known.has(key) && !option.ours)
  assert.deepEqual(unmarked, [])
})

test('shows every option in exactly one group', () => {
  const grouped = optionGroups.flatMap(({ options }) => Object.keys(options))
  assert.deepEqual(grouped.toSorted(), Object.keys(optionTable).toSorted())
})

test('explains every option in whole sentences', () => {
  const unfinished = entries.filter(([, option]) => !/^[A-Z].+\.$/.test(option.help))
  assert.deepEqual(unfinished, [])
})

const unserved = entries.filter(([, option]) => !option.served)

for (const [key, option] of unserved) {
  test(`refuses ${key} by name, with its source, when it is not the default`, () => {
    const findings = findingsOf(loadWith({ [key]: otherValue(option) }))
    assert.deepEqual(problems(findings), [
      `${key} is an option of oauth2-proxy that is not served yet`,
    ])
    assert.match(findings[0]?.source ?? '', /^app\.toml line \d+$/)
  })
}

test('takes every unserved option at its default', () => {
  optionsOf(loadWith(Object.fromEntries(unserved.map(([key, option]) => [key, option.default]))))
})

test('leaves unserved options out of the loaded ones', () => {
  const options = optionsOf(loadWith({}))
  assert.deepEqual(
    Object.keys(options).toSorted(),
    entries.flatMap(([key, option]) => (option.served ? [key] : [])).toSorted(),
  )
})

test('refuses the structured configuration of oauth2-proxy', () => {
  const findings = findingsOf(loadWith({}, { argv: ['--alpha-config=alpha.yaml'] }))
  assert.deepEqual(problems(findings), [
    'alpha_config is an option of oauth2-proxy that is not served yet',
  ])
})

/** What a raw default means; itself where the kind refuses it (`provider`). */
function comparable(kind: Kind<unknown>, raw: RawValue): unknown {
  const parsed = kind.parse(raw)
  if (!parsed.ok) return raw
  return parsed.value instanceof Secret ? parsed.value.reveal() : parsed.value
}

function otherValue(option: Option<unknown>): unknown {
  const { default: initial } = option
  if (typeof initial === 'boolean') return !initial
  if (typeof initial === 'number') return initial + 1
  return Array.isArray(initial) ? ['other'] : `other ${String(initial)}`
}
