import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import type { Cleanup } from '../support/cleanup.ts'
import { temporaryFolder } from '../support/process.ts'

interface Rule {
  readonly name: string
  readonly to: { readonly path?: string }
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[]
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: Rule }[]
  }
}

const { forbidden: rules } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  readonly forbidden: readonly Rule[]
}

/** A package of each scope that is confined whole. */
const scopedPackages: Readonly<Record<string, string>> = {
  '@fastify': '@fastify/cookie',
  '@grpc': '@grpc/grpc-js',
}

/** Files below src that break the rule; the offender's name begins with `planted`. */
function plantFor({ name, to }: Rule, planted: string): Readonly<Record<string, string>> {
  const layer = /^layer-(.*)$/.exec(name)?.[1]
  if (layer !== undefined) {
    const above = layer === 'cli' ? '../main.ts' : '../cli/target.ts'
    return { [`${layer}/${planted}.ts`]: `import '${above}'`, 'cli/target.ts': 'export {}' }
  }
  const confined = /^node_modules\/(.*)\/$/.exec(to.path ?? '')?.[1]
  if (confined !== undefined) {
    const specifier = scopedPackages[confined] ?? confined
    return { [`cli/${planted}.ts`]: `import '${specifier}'` }
  }
  const plant = plants[name]?.(planted)
  assert.ok(plant, `nothing is planted for ${name}`)
  return plant
}

const plants: Readonly<Record<string, (planted: string) => Record<string, string>>> = {
  'no-circular': (planted) => ({
    [`lib/${planted}.ts`]: `import './${planted}-back.ts'`,
    [`lib/${planted}-back.ts`]: `import './${planted}.ts'`,
  }),
  'no-unresolvable': (planted) => ({ [`lib/${planted}.ts`]: "import './missing.ts'" }),
  'no-dev-dependency': (planted) => ({ [`lib/${planted}.ts`]: "import 'fast-check'" }),
  'no-orphan': (planted) => ({ [`lib/${planted}.ts`]: 'export {}' }),
  'nobody-imports-app': (planted) => ({ [`auth/${planted}.ts`]: "import '../app.ts'" }),
  'nobody-imports-main': (planted) => ({ [`cli/${planted}.ts`]: "import '../main.ts'" }),
  'config-is-types-only': (planted) => ({
    [`policy/${planted}.ts`]: "import '../config/target.ts'",
    'config/target.ts': 'export {}',
  }),
}

test('every file of src is seen, and no rule is broken', () => {
  const { modules, summary } = cruise('.')
  const seen = modules.map(({ source }) => source).filter((path) => path.startsWith('src/'))
  assert.deepEqual(seen.sort(), globSync('src/**/*.ts').sort())
  assert.deepEqual(summary.violations, [])
})

test('every rule finds its planted violation', (t) => {
  const copy = copyOfSources(t)
  rules.forEach((rule, index) => {
    for (const [path, code] of Object.entries(plantFor(rule, `planted-${index}-`))) {
      mkdirSync(dirname(join(copy, 'src', path)), { recursive: true })
      writeFileSync(join(copy, 'src', path), `${code}\n`)
    }
  })
  const { violations } = cruise(copy).summary
  const silent = rules.filter(
    ({ name }, index) =>
      !violations.some(
        ({ from, rule }) => rule.name === name && from.includes(`planted-${index}-`),
      ),
  )
  assert.deepEqual(silent, [])
})

test('no file of src is longer than 300 lines', () => {
  const long = globSync('src/**/*.ts').filter(
    (path) => readFileSync(path, 'utf8').trimEnd().split('\n').length > 300,
  )
  assert.deepEqual(long, [])
})

/** What depcruise needs to judge a tree: the sources, its rules and how imports resolve. */
function copyOfSources(t: Cleanup): string {
  const folder = temporaryFolder(t)
  for (const path of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    cpSync(path, join(folder, path), { recursive: true })
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  return folder
}

function cruise(folder: string): Cruise {
  const depcruise = resolve('node_modules/.bin/depcruise')
  const args = ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json']
  const json = execFileSync(depcruise, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(json.toString()) as Cruise
}
