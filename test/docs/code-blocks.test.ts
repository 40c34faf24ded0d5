import assert from 'node:assert/strict'
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments, stringify } from 'yaml'
import { readConfigFile } from '../../src/config/sources/file.ts'
import { requireComponent } from '../support/components.ts'
import { temporaryFolder } from '../support/process.ts'

interface Block {
  readonly where: string
  readonly language: string
  readonly code: string
}

const pages = [...globSync(['*.md', 'charts/**/*.md', 'docs/**/*.md'])].sort()

/** The fenced blocks of all pages, without their indentation. */
const blocks: readonly Block[] = pages.flatMap((where) =>
  [...readFileSync(where, 'utf8').matchAll(/^( *)```(.*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = '', language = '', code = '']) => ({
      where,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  ),
)

const inLanguage = (...names: readonly string[]): readonly Block[] =>
  blocks.filter(({ language }) => names.includes(language))

test('every block is in a language that a test knows, or says that it is text', () => {
  const known = ['toml', 'yaml', 'sh', 'promql', 'caddyfile', 'text']
  assert.ok(blocks.length > 50)
  assert.deepEqual(
    blocks.filter(({ language }) => !known.includes(language)),
    [],
  )
})

test('TOML blocks are configuration files of options that exist', () => {
  assert.ok(inLanguage('toml').length > 3)
  for (const { where, code } of inLanguage('toml')) {
    const { findings } = readConfigFile('sallyport.toml', () => code)
    assert.deepEqual(findings, [], where)
  }
})

test('YAML blocks are YAML', () => {
  assert.ok(inLanguage('yaml').length > 5)
  for (const { where, code } of inLanguage('yaml')) {
    const errors = parseAllDocuments(code).flatMap((document) => document.errors)
    assert.deepEqual(errors, [], where)
  }
})

test('Caddyfile blocks are what Caddy takes in a site', (t) => {
  const caddy = requireComponent(t, 'caddy')
  if (caddy === undefined) return
  assert.ok(inLanguage('caddyfile').length > 0)
  for (const { where, code } of inLanguage('caddyfile')) {
    const input = `app.example.com {\n${code}}\n`
    const args = ['adapt', '--adapter=caddyfile', '--config=-']
    assertTaken(where, spawnSync(caddy, args, { input, encoding: 'utf8' }))
  }
})

test('PromQL blocks are what Prometheus takes', (t) => {
  const promtool = requireComponent(t, 'promtool')
  if (promtool === undefined) return
  assert.ok(inLanguage('promql').length > 3)
  const path = join(temporaryFolder(t), 'rules.yaml')
  for (const { where, code } of inLanguage('promql')) {
    writeFileSync(
      path,
      stringify({ groups: [{ name: 'a', rules: [{ record: 'b', expr: code }] }] }),
    )
    assertTaken(where, spawnSync(promtool, ['check', 'rules', path], { encoding: 'utf8' }))
  }
})

function assertTaken(where: string, ran: SpawnSyncReturns<string>): void {
  assert.equal(ran.status, 0, `${where}: ${ran.stderr}`)
}

test('blocks of commands are what a shell can read', () => {
  assert.ok(inLanguage('sh').length > 2)
  for (const { where, code } of inLanguage('sh')) {
    assertTaken(where, spawnSync('sh', ['-n'], { input: code, encoding: 'utf8' }))
  }
})

test('commands of npm are scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object }
  for (const { where, code } of blocks) {
    for (const [, name = ''] of code.matchAll(/\bnpm run ([\w:-]+)/g)) {
      assert.ok(name in scripts, `${where}: npm run ${name}`)
    }
  }
})

test('commands of sallyport are ones that it has', () => {
  const source = readFileSync('src/cli/run.ts', 'utf8')
  const commands = [...source.matchAll(/case '([a-z-]+)'/g)].map(([, name]) => name)
  assert.ok(commands.length > 5)
  const lines = inLanguage('sh').flatMap(({ where, code }) =>
    [...code.matchAll(/^(?:npx )?sallyport ([a-z-]+)/gm)].map(([, name]) => ({ where, name })),
  )
  assert.ok(lines.length > 5)
  assert.deepEqual(
    lines.filter(({ name }) => !commands.includes(name)),
    [],
  )
})

test('files of the repository that commands name exist', () => {
  const named = inLanguage('sh').flatMap(({ where, code }) =>
    [...code.matchAll(/(?<![\w./])(?:manifests|charts|examples|test)\/[\w./-]*/g)].map(
      ([path]) => ({
        where,
        path,
      }),
    ),
  )
  assert.ok(named.length > 5)
  assert.deepEqual(
    named.filter(({ path }) => !existsSync(path)),
    [],
  )
})
