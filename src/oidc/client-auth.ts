import { ClientSecretPost, None } from 'openid-client'
import type { ClientAuth, ServerMetadata } from 'openid-client'

/**
 * How we prove who we are at the token endpoint (RFC 6749 2.3): by a JWT that somebody signed for us,
 * where there is one (RFC 7523 2.2); else by the header unless the provider lists its methods
 * without it; without a secret as a public client.
 */
export function clientAuth(metadata: ServerMetadata, secret: string, assertion = ''): ClientAuth {
  if (assertion !== '') return clientAssertion(assertion)
  if (secret === '') return None()
  const methods: unknown = metadata.token_endpoint_auth_methods_supported
  const isHeaderRefused = Array.isArray(methods) && !methods.includes('client_secret_basic')
  return isHeaderRefused ? ClientSecretPost(secret) : clientSecretBasic(secret)
}

/**
 * As openid-client's, but leaves `-`, `_` and `.` alone, as the form encoding does: providers that
 * forget to decode the two parts are many, and ids with a hyphen are the rule.
 */
function clientSecretBasic(secret: string): ClientAuth {
  return (_metadata, client, _body, headers) => {
    const credentials = `${formEncode(client.client_id)}:${formEncode(secret)}`
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`)
  }
}

function clientAssertion(assertion: string): ClientAuth {
  return (_metadata, client, body) => {
    body.set('client_id', client.client_id)
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    body.set('client_assertion', assertion)
  }
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
