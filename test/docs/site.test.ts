import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireComponent } from '../support/components.ts'
import { temporaryFolder } from '../support/process.ts'
import { buildSite, indentSteps, leadOutward } from '../../tools/docs/build-site.ts'

test('docs/ builds as a site: every page, every link, and a search that knows them', (t) => {
  const zensical = requireComponent(t, 'zensical')
  if (zensical === undefined) return
  const target = join(temporaryFolder(t), 'site')
  const { ok, output } = buildSite({ zensical, target })
  assert.ok(ok, output)
  for (const page of globSync('docs/**/*.md')) {
    const path = page.replace(/^docs\//, '').replace(/(index|README)?\.md$/, '')
    assert.ok(existsSync(join(target, path, 'index.html')), page)
  }
  assert.match(readFileSync(join(target, 'search.json'), 'utf8'), /SallyportClientRejected/)
  // Numbered steps go on after the code blocks in them.
  const steps = readFileSync(join(target, 'kubernetes', 'index.html'), 'utf8')
  const [, first = ''] = /<ol>([^]*?)<\/ol>/.exec(steps) ?? []
  assert.equal(first.split('<li>').length, 5)
  // The pages load nothing from elsewhere.
  const start = readFileSync(join(target, 'index.html'), 'utf8')
  assert.doesNotMatch(start, /<(script|link|img)[^>]+(src|href)="?https?:\/\//)
})

test('every page is in the navigation, once', () => {
  const config = readFileSync('zensical.toml', 'utf8')
  const listed = [...config.matchAll(/"([\w/-]+\.md)"/g)].map(([, page = '']) => page)
  const pages = globSync('**/*.md', { cwd: 'docs' }).filter(
    (page) => !page.startsWith('decisions/'),
  )
  assert.deepEqual(listed.toSorted(), pages.toSorted())
})

test('links that leave docs/ lead to the repository', () => {
  const page = 'docs/gateways/nginx.md'
  const link = '[x](../../manifests/gateways/nginx/ingress.yaml)'
  assert.equal(
    leadOutward(page, link),
    '[x](https://github.com/sallyport/sallyport/blob/main/manifests/gateways/nginx/ingress.yaml)',
  )
  assert.equal(leadOutward(page, '[x](../kubernetes.md#traefik)'), '[x](../kubernetes.md#traefik)')
})

test('what belongs to a step is indented as the generator wants it, and all else as it was', () => {
  const page = '1. a\n\n   ```sh\n   b\n     c\n   ```\n\n2. d\n\n```yaml\n   e:\n```\n'
  const indented = '1. a\n\n    ```sh\n    b\n      c\n    ```\n\n2. d\n\n```yaml\n   e:\n```\n'
  assert.equal(indentSteps(page), indented)
})
