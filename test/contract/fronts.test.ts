import { createCaddyFront } from '../../src/fronts/caddy.ts'
import { createEnvoyFront } from '../../src/fronts/envoy.ts'
import { createEnvoyGrpcFront } from '../../src/fronts/envoy-grpc.ts'
import { createHaproxyFront } from '../../src/fronts/haproxy.ts'
import { createNgfFront } from '../../src/fronts/ngf.ts'
import { createNginxFront } from '../../src/fronts/nginx.ts'
import { createProxyFront } from '../../src/fronts/proxy.ts'
import { createTraefikFront } from '../../src/fronts/traefik.ts'
import { privateTrust, rawRequest } from '../support/fronts.ts'
import { frontContract, type Question } from './front.contract.ts'

const client = '198.51.100.23'
const trust = privateTrust()

const originalHeaders = {
  'x-original-url': 'https://spoofed.example/public',
  'x-original-method': 'OPTIONS',
  'x-original-uri': '/public',
  'x-scheme': 'http',
}
const forwardedHeaders = {
  'x-forwarded-method': 'OPTIONS',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'spoofed.example',
  'x-forwarded-uri': '/public',
  'x-forwarded-prefix': '/public',
  'x-forwarded-port': '81',
}
const neverRead = {
  forwarded: 'for=10.9.9.9;host=spoofed.example;proto=http',
  path: '/public',
  method: 'OPTIONS',
  'x-envoy-original-path': '/public',
  'x-rewrite-url': '/public',
  'x-http-method-override': 'OPTIONS',
  'x-auth-request-redirect': '/public',
  'x-real-ip': '10.9.9.9',
}

const { path: _path, method: _method, ...withoutOwn } = neverRead

frontContract({
  front: createNginxFront({ trust }),
  ask: ({ method, scheme, host, uri, headers, query }) =>
    rawRequest({
      url: checkUrl('/oauth2/auth', query),
      headers: {
        ...headers,
        host: 'sallyport.auth.svc',
        'x-forwarded-for': client,
        'x-original-url': `${scheme}://${host}${uri}`,
        'x-original-method': method,
      },
    }),
  foreignHeaders: { ...forwardedHeaders, ...neverRead },
  relaysRefusals: false,
  statuses: {
    allow: { script: 202, navigation: 202 },
    login: { script: 401, navigation: 401 },
    deny: { script: 403, navigation: 403 },
    unavailable: { script: 503, navigation: 503 },
  },
})

const relayed = {
  allow: { script: 200, navigation: 200 },
  login: { script: 401, navigation: 302 },
  deny: { script: 403, navigation: 403 },
  unavailable: { script: 503, navigation: 503 },
}

for (const front of [createTraefikFront({ trust }), createCaddyFront({ trust })]) {
  frontContract({
    front,
    ask: (question) =>
      rawRequest({
        url: checkUrl(`/oauth2/check/${front.name}`, question.query),
        headers: {
          ...question.headers,
          host: 'sallyport.auth.svc',
          'x-forwarded-for': client,
          'x-forwarded-method': question.method,
          'x-forwarded-proto': question.scheme,
          'x-forwarded-host': question.host,
          'x-forwarded-uri': question.uri,
        },
      }),
    foreignHeaders: { ...originalHeaders, ...neverRead },
    ownHeaders: ['x-forwarded-method', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-uri'],
    statuses: relayed,
  })
}

frontContract({
  front: createNgfFront({ trust, path: '/oauth2/check/ngf' }),
  ask: ({ method, host, uri, headers, query }) =>
    rawRequest({
      url: `/oauth2/check/ngf${query ? `-with/${query}` : ''}`,
      headers: { ...headers, host, path: uri, method },
    }),
  foreignHeaders: {
    ...originalHeaders,
    ...forwardedHeaders,
    ...withoutOwn,
    'x-forwarded-for': '10.9.9.9',
  },
  clientIp: '',
  ownHeaders: ['host', 'path', 'method'],
  relaysRefusals: false,
  statuses: {
    allow: { script: 200, navigation: 200 },
    login: { script: 401, navigation: 401 },
    deny: { script: 403, navigation: 403 },
    unavailable: { script: 503, navigation: 503 },
  },
})

frontContract({
  front: createHaproxyFront({ trust }),
  ask: ({ method, scheme, host, uri, headers, query }) =>
    rawRequest({
      url: checkUrl('/oauth2/check/haproxy', query),
      headers: {
        ...headers,
        host: 'sallyport.auth.svc',
        'x-forwarded-for': client,
        'x-original-url': `${scheme}://${host}${uri}`,
        'x-original-method': method,
      },
    }),
  foreignHeaders: { ...forwardedHeaders, ...neverRead },
  ownHeaders: ['x-original-url', 'x-original-method'],
  statuses: relayed,
})

frontContract({
  front: createEnvoyFront({ trust, path: '/oauth2/check/envoy' }),
  ask: ({ method, scheme, host, uri, headers, query }) =>
    rawRequest({
      method,
      url: `/oauth2/check/envoy${query ? `-with/${query}` : ''}${uri}`,
      headers: { ...headers, host, 'x-forwarded-for': client, 'x-forwarded-proto': scheme },
    }),
  foreignHeaders: {
    ...originalHeaders,
    ...forwardedHeaders,
    ...neverRead,
  },
  ownHeaders: ['host', 'x-forwarded-proto'],
  statuses: relayed,
})

frontContract({
  front: createEnvoyGrpcFront({ trust }),
  ask: ({ method, scheme, host, uri, headers, query }) => ({
    ...rawRequest({
      method: 'POST',
      url: '/envoy.service.auth.v3.Authorization/Check',
      headers: { ...headers, 'x-forwarded-proto': scheme, 'x-forwarded-for': client },
    }),
    attributes: {
      method,
      scheme: 'http',
      host,
      path: uri,
      source: client,
      extensions: Object.fromEntries(new URLSearchParams(query)),
    },
  }),
  foreignHeaders: { ...originalHeaders, ...forwardedHeaders, ...neverRead },
  statuses: relayed,
  allowIsNoAnswer: true,
})

frontContract({
  front: createProxyFront({
    trust,
    options: { force_json_errors: false, api_routes: [], upstreams: [] },
  }),
  ask: ({ method, scheme, host, uri, headers, query }) =>
    rawRequest({
      method,
      url: query ? `/?${query}` : uri,
      headers: {
        ...headers,
        host: 'sallyport.auth.svc',
        'x-forwarded-for': client,
        'x-forwarded-proto': scheme,
        'x-forwarded-host': host,
      },
    }),
  foreignHeaders: {
    ...originalHeaders,
    ...neverRead,
    'x-forwarded-uri': '/public',
    'x-forwarded-method': 'OPTIONS',
    'x-forwarded-prefix': '/public',
  },
  statuses: relayed,
})

function checkUrl(path: string, query: Question['query']): string {
  return query ? `${path}?${query}` : path
}
