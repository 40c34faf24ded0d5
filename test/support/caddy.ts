import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { requireComponent } from './components.ts'
import { readManifest, type Site } from './manifests.ts'
import { startProcess, temporaryFolder, waitForPort } from './process.ts'

const globalOptions = `{
	admin off
	auto_https off
	persist_config off
	default_bind 127.0.0.1
	grace_period 1ms
}
`

/**
 * Runs Caddy with `manifests/gateways/caddy/Caddyfile`, over plain http. `limits` is the query of
 * the check, `change` breaks the file. Undefined when the test was skipped because this machine has no Caddy.
 */
export async function startCaddy(
  t: TestContext,
  site: Site,
  limits = '',
  change: (file: string) => string = (file) => file,
): Promise<{ log(): string } | undefined> {
  const caddy = requireComponent(t, 'caddy')
  if (caddy === undefined) return undefined
  const folder = temporaryFolder(t)
  const file = join(folder, 'Caddyfile')
  const sites = readManifest('caddy/Caddyfile', site)
    .replaceAll(/^(\S+\.localhost) \{/gm, `http://$1:${site.port} {`)
    .replaceAll(/\bsallyport:4180\b/g, `127.0.0.1:${site.sallyport}`)
    .replaceAll(/\bapp:8080\b/g, `127.0.0.1:${site.app}`)
    .replace('uri /oauth2/check/caddy', `uri /oauth2/check/caddy${limits}`)
  writeFileSync(file, globalOptions + change(sites))
  const running = startProcess(t, caddy, ['run', '--adapter', 'caddyfile', '--config', file], {
    env: { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  })
  await waitForPort(site.port, running)
  return { log: () => running.output() }
}
