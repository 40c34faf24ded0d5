/** How a gateway asks about one request of a browser. */
export type Gateway = keyof typeof heads

const heads = {
  nginx: [
    'GET /oauth2/auth HTTP/1.1',
    'Host: auth.example.com',
    'X-Original-URL: https://app.example.com/deep/link?x=1',
    'X-Original-Method: GET',
    'X-Real-IP: 203.0.113.7',
    'X-Forwarded-For: 203.0.113.7',
  ],
  // nginx speaks HTTP/1.0 to its upstreams unless it is told otherwise.
  'nginx-default': [
    'GET /oauth2/auth HTTP/1.0',
    'Host: auth.example.com',
    'Connection: close',
    'X-Original-URL: https://app.example.com/deep/link?x=1',
    'X-Original-Method: GET',
    'X-Real-IP: 203.0.113.7',
    'X-Forwarded-For: 203.0.113.7',
  ],
  traefik: forwardAuth('/oauth2/check/traefik'),
  'traefik-oauth2-proxy': forwardAuth('/oauth2/auth'),
  envoy: extAuthz('/oauth2/check/envoy/deep/link?x=1'),
  'envoy-oauth2-proxy': extAuthz('/oauth2/auth'),
} as const satisfies Readonly<Record<string, readonly string[]>>

function forwardAuth(path: string): readonly string[] {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: auth.example.com',
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Host: app.example.com',
    'X-Forwarded-Method: GET',
    'X-Forwarded-Port: 443',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Uri: /deep/link?x=1',
    'X-Real-Ip: 203.0.113.7',
  ]
}

function extAuthz(path: string): readonly string[] {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: app.example.com',
    'Content-Length: 0',
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Proto: https',
    'X-Request-Id: 8f3c0b1e-3a52-4c4e-9d4e-0d6b2d3f5a10',
  ]
}

/** What a browser sends with each request, which gateways hand on. */
const browser = [
  'Accept: application/json',
  'Accept-Encoding: gzip, deflate, br',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
]

/** The whole request on the wire; an empty header is none. */
export function checkRequest(
  gateway: Gateway,
  cookieHeader: string,
  authorization = '',
): Uint8Array {
  return onTheWire(heads[gateway], cookieHeader, authorization)
}

/** What the browser itself asks the gateway. */
export function browserRequest(path: string, cookieHeader: string): Uint8Array {
  return onTheWire([`GET ${path} HTTP/1.1`, 'Host: app.example.com'], cookieHeader)
}

function onTheWire(head: readonly string[], cookieHeader: string, authorization = ''): Uint8Array {
  const cookie = cookieHeader === '' ? [] : [`Cookie: ${cookieHeader}`]
  const bearer = authorization === '' ? [] : [`Authorization: ${authorization}`]
  return Buffer.from(`${[...head, ...browser, ...cookie, ...bearer].join('\r\n')}\r\n\r\n`)
}
