import { existsSync, globSync, readFileSync } from 'node:fs'
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const documents = [...globSync('*.md'), ...globSync('docs/**/*.md')]

for (const document of documents) {
  test(`every link of ${document} leads to a file`, () => {
    const dead = linksOf(document).filter((path) => !existsSync(join(dirname(document), path)))
    assert.deepEqual(dead, [])
  })
}

/** Relative targets of Markdown links, without their fragment. */
function linksOf(document: string): readonly string[] {
  const text = readFileSync(document, 'utf8').replaceAll(/^```[^]*?^```/gm, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
}
