const issuers: Readonly<Record<string, string>> = { google: 'https://accounts.google.com' }

/** What the name of a provider says without being written. */
export function withProviderDefaults(
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const issuer = issuers[String(values['provider'])]
  const isUnset = values['oidc_issuer_url'] === ''
  return issuer !== undefined && isUnset ? { ...values, oidc_issuer_url: issuer } : values
}
