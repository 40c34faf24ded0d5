/** What a client says it is; no app may ever read it. */
export const forgedIdentity: Readonly<Record<string, string>> = {
  'x-auth-request-user': 'mallory',
  'x-auth-request-email': 'mallory@example.com',
  'x-auth-request-groups': 'mallory',
  'x-auth-request-preferred-username': 'mallory',
  // What CGI, WSGI and PHP take for the same.
  x_auth_request_user: 'mallory',
  X_Auth_Request_Email: 'mallory@example.com',
}

/** What other gateways name an open route, a scheme, a method or a client with: a client's lies. */
export function foreignHeaders(appUrl: string): readonly Readonly<Record<string, string>>[] {
  return [
    { 'x-original-url': `${appUrl}/public/x`, 'x-original-method': 'GET' },
    { 'x-original-uri': '/public/x', 'x-rewrite-url': '/public/x', 'x-scheme': 'https' },
    { 'x-forwarded-proto': 'https', 'x-forwarded-scheme': 'https', 'x-url-scheme': 'https' },
    { 'x-forwarded-port': '8443', 'x-forwarded-server': 'public.example.localhost' },
    { 'x-auth-request-redirect': '/public/x', 'x-original-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-uri': '/public/x', 'x-forwarded-method': 'GET' },
    { 'x-forwarded-host': 'public.example.localhost', 'x-forwarded-prefix': '/public' },
    { path: '/public/x', method: 'OPTIONS' },
    { 'x-envoy-original-path': '/public/x', 'x-envoy-auth-headers-to-remove': 'cookie' },
    { 'x-http-method-override': 'OPTIONS', 'x-forwarded-method': 'OPTIONS' },
    { forwarded: 'for=127.0.0.1;host=public.example.localhost;proto=https' },
    { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' },
  ]
}
