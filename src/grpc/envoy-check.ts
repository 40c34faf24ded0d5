import type { RequestHeaders } from '../core/http.ts'
import type { EnvoyAttributes, EnvoyCheck } from '../fronts/envoy-grpc.ts'
import type { CheckRequest, HttpRequest } from './protocol.ts'

export const checkPath = '/envoy.service.auth.v3.Authorization/Check'

const nobody: EnvoyAttributes = {
  method: '',
  scheme: '',
  host: '',
  path: '',
  source: '',
  extensions: {},
}

/** `peer` is the address that asks, empty for a unix socket. */
export function toEnvoyCheck(
  { attributes }: CheckRequest,
  peer: string,
  requestIdOf: (request: { readonly headers: RequestHeaders }) => string,
): EnvoyCheck {
  const http = attributes?.request?.http ?? undefined
  const headers = http === undefined ? {} : headersOf(http)
  return {
    // A gRPC call is always a POST.
    method: 'POST',
    url: checkPath,
    headers,
    peer,
    requestId: requestIdOf({ headers }),
    attributes:
      http === undefined
        ? nobody
        : {
            method: http.method,
            scheme: http.scheme,
            host: http.host,
            path: http.path,
            source: attributes?.source?.address?.socket_address?.address ?? '',
            extensions: attributes?.context_extensions ?? {},
          },
  }
}

function headersOf({ headers, header_map }: HttpRequest): RequestHeaders {
  if (header_map === null) return headers
  const collected: Record<string, string> = {}
  for (const { key, value, raw_value } of header_map.headers) {
    const text = value === '' ? Buffer.from(raw_value).toString('latin1') : value
    const before = collected[key]
    collected[key] = before === undefined ? text : `${before}${separatorOf(key)}${text}`
  }
  return collected
}

/** As node:http joins what came more than once. */
function separatorOf(name: string): string {
  return name === 'cookie' ? '; ' : ', '
}
