import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { requireComponent } from './components.ts'
import { readManifest, type Site } from './manifests.ts'
import { startProcess, temporaryFolder, waitForPort } from './process.ts'

/**
 * Runs HAProxy with `manifests/gateways/haproxy/`. `limits` is the query of the check. Undefined
 * when the test was skipped because this machine has no HAProxy.
 */
export async function startHaproxy(
  t: TestContext,
  site: Site,
  limits = '',
): Promise<{ log(): string } | undefined> {
  const haproxy = requireComponent(t, 'haproxy')
  if (haproxy === undefined) return undefined
  const folder = temporaryFolder(t)
  copyFileSync('manifests/gateways/haproxy/sallyport.lua', join(folder, 'sallyport.lua'))
  const config = readManifest('haproxy/haproxy.cfg', site)
    .replace('bind :8080', `bind 127.0.0.1:${site.port}`)
    .replaceAll('sallyport:4180', `127.0.0.1:${site.sallyport}`)
    .replace('app:8080', `127.0.0.1:${site.app}`)
    .replace('/oauth2/check/haproxy unless', `/oauth2/check/haproxy${limits} unless`)
  writeFileSync(join(folder, 'haproxy.cfg'), config)
  const running = startProcess(t, haproxy, ['-db', '-f', 'haproxy.cfg'], { cwd: folder })
  await waitForPort(site.port, running)
  return { log: () => running.output() }
}
