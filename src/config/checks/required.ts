import { error, rule, type Rule } from './rule.ts'

/** What must be set, on its own or because of another option. */
export const requiredRules: readonly Rule[] = [
  rule(['client_id'], ({ client_id }) => {
    return client_id === '' && error('client_id', 'is required', 'copy it from your provider')
  }),
  rule(
    [
      'client_secret',
      'client_assertion_file',
      'code_challenge_method',
      'force_code_challenge_method',
    ],
    (options) =>
      options.client_secret.reveal() === '' &&
      options.client_assertion_file === '' &&
      options.code_challenge_method === '' &&
      options.force_code_challenge_method === '' &&
      error(
        'client_secret',
        'is required',
        'set it, client_secret_file or client_assertion_file; for a public client set code_challenge_method = "S256"',
      ),
  ),
  rule(
    ['cookie_secret'],
    ({ cookie_secret }) =>
      cookie_secret.length === 0 &&
      error(
        'cookie_secret',
        'is required',
        'set it or cookie_secret_file; generate one with: sallyport generate-secret',
      ),
  ),
  rule(
    ['email_domains', 'authenticated_emails_file'],
    ({ email_domains, authenticated_emails_file }) =>
      email_domains.length === 0 &&
      authenticated_emails_file === '' &&
      error(
        'email_domains',
        'or authenticated_emails_file is required: nobody could pass',
        'name the domains that may pass; ["*"] lets in everyone whom the provider knows',
      ),
  ),
  rule(
    ['provider', 'oidc_issuer_url'],
    ({ oidc_issuer_url }) =>
      oidc_issuer_url === '' &&
      error('oidc_issuer_url', 'is required', 'copy the issuer from your provider'),
  ),
  rule(
    ['tls_cert_file', 'tls_key_file'],
    ({ tls_cert_file, tls_key_file }) =>
      (tls_cert_file === '') !== (tls_key_file === '') &&
      error(
        tls_cert_file === '' ? 'tls_cert_file' : 'tls_key_file',
        'is required: certificate and key serve TLS only together',
        'set it, or remove the other',
      ),
  ),
  rule(
    ['grpc_tls_cert_file', 'grpc_tls_key_file'],
    ({ grpc_tls_cert_file, grpc_tls_key_file }) =>
      (grpc_tls_cert_file === '') !== (grpc_tls_key_file === '') &&
      error(
        grpc_tls_cert_file === '' ? 'grpc_tls_cert_file' : 'grpc_tls_key_file',
        'is required: certificate and key serve TLS only together',
        'set it, or remove the other',
      ),
  ),
  rule(
    ['grpc_tls_cert_file', 'grpc_tls_client_ca_file'],
    ({ grpc_tls_cert_file, grpc_tls_client_ca_file }) =>
      grpc_tls_cert_file === '' &&
      grpc_tls_client_ca_file !== '' &&
      error(
        'grpc_tls_cert_file',
        'is required with grpc_tls_client_ca_file',
        'set it and grpc_tls_key_file',
      ),
  ),
  rule(
    ['tls_cert_file', 'https_address'],
    ({ tls_cert_file, https_address }) =>
      tls_cert_file !== '' &&
      https_address === undefined &&
      error('https_address', 'is required with tls_cert_file', 'write for example :8443'),
  ),
]
