// nginx -> check -> app, end to end. The app is nginx itself, so that it hardly counts.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cleanup } from '../support/cleanup.ts'
import { findComponent } from '../support/components.ts'
import { freePort, startProcess, temporaryFolder, waitForPort } from '../support/process.ts'
import type { BenchArguments } from './arguments.ts'
import { measurePairs, type Compared } from './checks.ts'
import { browserRequest } from './requests.ts'
import type { SignedIn, Stage, Subject } from './subject.ts'

/** Undefined on a machine without nginx. */
export async function measureBehindNginx(
  t: Cleanup,
  args: BenchArguments,
  { ours, other }: { readonly ours: Stage; readonly other: Stage | undefined },
): Promise<readonly Compared[] | undefined> {
  const nginx = findComponent('nginx')
  if (nginx === undefined) return undefined
  const own = await startNginx(t, nginx, await ours.signedIn('cookie'))
  const theirs = other && (await startNginx(t, nginx, await other.signedIn('cookie')))
  const names = {
    open: 'no check',
    kept: 'connections to the check kept',
    closed: 'a connection per check',
  }
  const pairs = (['open', 'kept', 'closed'] as const).map((path) => ({
    name: names[path],
    own: own[path],
    other: theirs?.[path],
  }))
  return measurePairs(t, pairs, args)
}

type Path = 'open' | 'kept' | 'closed'

async function startNginx(
  t: Cleanup,
  nginx: string,
  { service, cookieHeader }: SignedIn,
): Promise<Readonly<Record<Path, Subject>>> {
  const folder = temporaryFolder(t)
  const port = await freePort()
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, await freePort(), service.port))
  const running = startProcess(t, nginx, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'])
  await waitForPort(port, running)
  const subject = (path: Path): Subject => {
    const request = browserRequest(`/${path}`, cookieHeader)
    const load = { port, status: 200, keepsConnections: true, requests: [request] }
    return { pid: service.pid, prepare: () => Promise.resolve(load) }
  }
  return { open: subject('open'), kept: subject('kept'), closed: subject('closed') }
}

function configuration(port: number, appPort: number, checkPort: number): string {
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
  keepalive_requests 1000000;
  upstream app { server 127.0.0.1:${appPort}; keepalive 64; }
  upstream check { server 127.0.0.1:${checkPort}; keepalive 64; }
  server {
    listen 127.0.0.1:${appPort};
    location / { return 200 "hello\\n"; }
  }
  server {
    listen 127.0.0.1:${port};
    proxy_set_header Host $http_host;
    ${checkLocation('kept', 'http://check', 'proxy_http_version 1.1;', '""')}
    ${checkLocation('closed', `http://127.0.0.1:${checkPort}`, '', 'close')}
    location /open { ${passToApp} }
    location /kept { auth_request /check-kept; ${passToApp} }
    location /closed { auth_request /check-closed; ${passToApp} }
  }
}
`
}

const passToApp = 'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";'

function checkLocation(path: Path, target: string, version: string, connection: string): string {
  return `location = /check-${path} {
      internal;
      proxy_pass ${target}/oauth2/auth;
      ${version}
      proxy_set_header Connection ${connection};
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Original-URL https://$http_host$request_uri;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
    }`
}
