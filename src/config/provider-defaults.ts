import type { Environment } from './sources/env.ts'

type Values = Readonly<Record<string, unknown>>

const issuers: Readonly<Record<string, string>> = { google: 'https://accounts.google.com' }

/** What the name of a provider says without being written. */
export function withProviderDefaults(values: Values, env: Environment): Values {
  return { ...values, ...issuerOf(values), ...assertionFileOf(values, env) }
}

function issuerOf({ provider, oidc_issuer_url }: Values): Values {
  const issuer = issuers[String(provider)]
  return issuer !== undefined && oidc_issuer_url === '' ? { oidc_issuer_url: issuer } : {}
}

/** Set by Azure's workload identity webhook. */
function assertionFileOf(values: Values, env: Environment): Values {
  const isAsked = values['entra_id_federated_token_auth'] === true
  const path = env['AZURE_FEDERATED_TOKEN_FILE'] ?? ''
  return isAsked && values['client_assertion_file'] === '' ? { client_assertion_file: path } : {}
}
