import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { readConfigFile } from '../../src/config/sources/file.ts'

interface Block {
  readonly where: string
  readonly language: string
  readonly code: string
}

const pages = ['README.md', 'charts/sallyport/README.md', ...globSync('docs/**/*.md').sort()]

/** The fenced blocks of all pages, without their indentation. */
const blocks: readonly Block[] = pages.flatMap((where) =>
  [...readFileSync(where, 'utf8').matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = '', language = '', code = '']) => ({
      where,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  ),
)

const inLanguage = (...names: readonly string[]): readonly Block[] =>
  blocks.filter(({ language }) => names.includes(language))

test('every block is in a language that a test here knows, or in none', () => {
  const known = ['', 'toml', 'yaml', 'json', 'sh', 'promql', 'nginx', 'http', 'text']
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

test('JSON blocks are JSON', () => {
  for (const { where, code } of inLanguage('json'))
    assert.doesNotThrow(() => JSON.parse(code), where)
})

test('blocks of commands are what a shell can read', () => {
  assert.ok(inLanguage('sh').length > 2)
  for (const { where, code } of inLanguage('sh')) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: code, encoding: 'utf8' })
    assert.equal(status, 0, `${where}: ${stderr}`)
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
