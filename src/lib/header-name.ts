/** CGI, WSGI and PHP make one name of `X-User`, `X_User` and `X.User`; so do we (SEC-6). */
export function foldName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-|-$/g, '')
}
