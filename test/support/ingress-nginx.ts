import { readObjects, type Site } from './manifests.ts'

/** An Ingress object as far as the rendering below reads it. */
interface Ingress {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: {
    readonly rules: readonly {
      readonly host: string
      readonly http: {
        readonly paths: readonly {
          readonly path: string
          readonly backend: { readonly service: { readonly name: 'app' | 'sallyport' } }
        }[]
      }
    }[]
  }
}

/**
 * What ingress-nginx 1.15 makes of `manifests/gateways/nginx/ingress.yaml`: the directives of its
 * template that touch external authentication, in its order, without Lua, TLS and tuning.
 * `annotations` replace those of the app's Ingress; an empty value removes one.
 */
export function renderIngressNginx(
  site: Site,
  annotations: Readonly<Record<string, string>> = {},
): string {
  const ingresses = readObjects('nginx/ingress.yaml', site) as readonly Ingress[]
  const servers = ingresses.map((ingress) => renderServers(ingress, site, annotations))
  return `
map $http_upgrade $connection_upgrade {
  default upgrade;
  '' '';
}
${servers.join('\n')}`
}

function renderServers(
  { metadata, spec }: Ingress,
  site: Site,
  changed: Readonly<Record<string, string>>,
): string {
  const annotations = metadata.annotations && { ...metadata.annotations, ...prefixed(changed) }
  return spec.rules
    .map(({ host, http }) => {
      const locations = http.paths.map(({ path, backend }) =>
        renderLocation(path, site[backend.service.name], annotation(annotations ?? {})),
      )
      return `
server {
  listen 127.0.0.1:${site.port};
  server_name ${host};
  proxy_buffer_size 4k;
  ${locations.join('\n')}
}`
    })
    .join('\n')
}

const prefix = 'nginx.ingress.kubernetes.io/'

function prefixed(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [`${prefix}${name}`, value]),
  )
}

function annotation(annotations: Readonly<Record<string, string>>): (name: string) => string {
  return (name) => annotations[`${prefix}${name}`] ?? ''
}

function renderLocation(path: string, backend: number, get: (name: string) => string): string {
  const checkUrl = get('auth-url')
  const signInUrl = get('auth-signin')
  const responseHeaders = get('auth-response-headers')
    .split(',')
    .filter((name) => name !== '')
  return `
  ${checkUrl === '' ? '' : renderCheck(checkUrl)}
  ${signInUrl === '' ? '' : renderSignIn(signInUrl)}
  location ${path} {
    set $pass_access_scheme $scheme;
    set $best_http_host $http_host;
    ${checkUrl === '' ? '' : renderUse(responseHeaders)}
    ${signInUrl === '' ? '' : 'set_escape_uri $escaped_request_uri $request_uri;'}
    ${signInUrl === '' ? '' : 'error_page 401 = @sign-in;'}
    proxy_set_header Host $best_http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $best_http_host;
    proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Forwarded-Proto $pass_access_scheme;
    proxy_set_header X-Forwarded-Scheme $pass_access_scheme;
    proxy_set_header X-Scheme $pass_access_scheme;
    proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
    proxy_set_header Proxy "";
    proxy_http_version 1.1;
    proxy_pass http://127.0.0.1:${backend};
  }`
}

/** `X-Forwarded-Host`, `-Uri` and `-Method` of the client pass untouched: that is how it is. */
function renderCheck(url: string): string {
  return `
  location = /_external-auth-Lw-Prefix {
    internal;
    proxy_intercept_errors off;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Forwarded-Proto "";
    proxy_set_header X-Request-ID $request_id;
    proxy_set_header Host ${new URL(url).hostname};
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Sent-From "nginx-ingress-controller";
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Auth-Request-Redirect $request_uri;
    proxy_pass_request_headers on;
    proxy_http_version 1.1;
    set $target "${url}";
    proxy_pass $target;
  }`
}

function renderSignIn(url: string): string {
  const separator = url.includes('?') ? '&' : '?'
  return `
  location @sign-in {
    internal;
    add_header Set-Cookie $auth_cookie;
    return 302 ${url}${separator}rd=$pass_access_scheme://$http_host$escaped_request_uri;
  }`
}

function renderUse(responseHeaders: readonly string[]): string {
  const lines = responseHeaders.flatMap((name, index) => [
    `auth_request_set $authHeader${index} $upstream_http_${name.toLowerCase().replaceAll('-', '_')};`,
    `proxy_set_header '${name}' $authHeader${index};`,
  ])
  return `
    auth_request /_external-auth-Lw-Prefix;
    auth_request_set $auth_cookie $upstream_http_set_cookie;
    add_header Set-Cookie $auth_cookie;
    ${lines.join('\n    ')}`
}
