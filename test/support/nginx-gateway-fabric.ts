import { readObjects, type Site } from './manifests.ts'

interface HttpRoute {
  readonly kind: 'HTTPRoute'
  readonly spec: {
    readonly hostnames: readonly [string]
    readonly rules: readonly [
      {
        readonly matches: readonly [{ readonly path: { readonly value: string } }]
        readonly filters?: readonly {
          readonly externalAuth?: { readonly http: ExternalAuth }
          readonly extensionRef?: { readonly name: string }
        }[]
        readonly backendRefs: readonly [{ readonly name: 'app' | 'sallyport' }]
      },
    ]
  }
}

interface ExternalAuth {
  readonly path: string
  readonly allowedHeaders: readonly string[]
  readonly allowedResponseHeaders: readonly string[]
}

interface SnippetsFilter {
  readonly kind: 'SnippetsFilter'
  readonly metadata: { readonly name: string }
  readonly spec: { readonly snippets: readonly { context: string; value: string }[] }
}

type Manifest = HttpRoute | SnippetsFilter | { readonly kind: 'ReferenceGrant' }

/**
 * What NGINX Gateway Fabric 2.x makes of `manifests/gateways/nginx-gateway-fabric/httproute.yaml`: the
 * directives of its templates (internal/controller/nginx/config) that touch external
 * authentication, in its order, without Lua, TLS and tuning. `limits` is a query
 * that becomes a segment of the check's path.
 */
export function renderNginxGatewayFabric(site: Site, limits = ''): string {
  const objects = readObjects('nginx-gateway-fabric/httproute.yaml', site) as readonly Manifest[]
  const snippets = objects.flatMap((object) => (object.kind === 'SnippetsFilter' ? [object] : []))
  const routes = objects.flatMap((object) => (object.kind === 'HTTPRoute' ? [object] : []))
  const servers = routes.map((route) => renderServer(route, snippets, site, limits))
  return `
variables_hash_bucket_size 512;
map $http_host $gw_api_compliant_host {
  '' $host;
  default $http_host;
}
map $http_upgrade $connection_upgrade {
  default upgrade;
  '' close;
}
${included(snippets, ['sallyport-sign-in'], 'http')}
${servers.join('\n')}`
}

/** The snippets for one context, of the filters with these names. */
function included(
  filters: readonly SnippetsFilter[],
  names: readonly string[],
  context: string,
): string {
  return filters
    .filter(({ metadata }) => names.includes(metadata.name))
    .flatMap(({ spec: { snippets } }) => snippets.filter((snippet) => snippet.context === context))
    .map(({ value }) => value)
    .join('\n')
}

function renderServer(
  { spec }: HttpRoute,
  snippets: readonly SnippetsFilter[],
  site: Site,
  limits: string,
): string {
  const [{ matches, filters = [], backendRefs }] = spec.rules
  const auth = filters.find(({ externalAuth }) => externalAuth)?.externalAuth?.http
  const names = filters.flatMap(({ extensionRef }) => (extensionRef ? [extensionRef.name] : []))
  return `
server {
  listen 127.0.0.1:${site.port};
  server_name ${spec.hostnames[0]};
  ${included(snippets, names, 'http.server')}
  location ${matches[0].path.value} {
    ${included(snippets, names, 'http.server.location')}
    ${auth ? renderUse(auth) : ''}
    proxy_http_version 1.1;
    proxy_set_header Host "$gw_api_compliant_host";
    proxy_set_header X-Forwarded-For "$proxy_add_x_forwarded_for";
    proxy_set_header X-Real-IP "$remote_addr";
    proxy_set_header X-Forwarded-Proto "$scheme";
    proxy_set_header X-Forwarded-Host "$host";
    proxy_set_header X-Forwarded-Port "$server_port";
    proxy_set_header Upgrade "$http_upgrade";
    proxy_set_header Connection "$connection_upgrade";
    proxy_pass http://127.0.0.1:${site[backendRefs[0].name]}$request_uri;
  }
  ${auth ? renderCheck(auth, site, limits) : ''}
}`
}

const internalPath = '/_ngf-internal-ext-auth-apps_app_rule0'

function renderUse({ allowedResponseHeaders }: ExternalAuth): string {
  const lines = allowedResponseHeaders.flatMap((name) => [
    `auth_request_set $ext_auth_response_${variable(name)} $upstream_http_${variable(name)};`,
    `proxy_set_header ${name} $ext_auth_response_${variable(name)};`,
  ])
  return `auth_request ${internalPath};\n    ${lines.join('\n    ')}`
}

function renderCheck({ path, allowedHeaders }: ExternalAuth, site: Site, limits: string): string {
  const lines = allowedHeaders.map((name) => `proxy_set_header ${name} "$http_${variable(name)}";`)
  return `
  location ${internalPath} {
    internal;
    proxy_set_header Host "$gw_api_compliant_host";
    proxy_set_header Path "$request_uri";
    proxy_set_header Method "$request_method";
    proxy_set_header Authorization "$http_authorization";
    ${lines.join('\n    ')}
    proxy_pass http://127.0.0.1:${site.sallyport}${path}${limits.replace('?', '-with/')};
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_pass_request_headers off;
  }`
}

function variable(name: string): string {
  return name.toLowerCase().replaceAll('-', '_')
}
