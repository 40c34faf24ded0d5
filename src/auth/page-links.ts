// Links of the pages that refuse.

/** A link back to this request; `//host` and `/\\host` would lead a browser elsewhere (SEC-9). */
export function samePage(url: string): string {
  return /^\/(?![/\\])/.test(url) ? url : '/'
}

/** Once more, or as somebody else. `portal` is where the portal's endpoints are, without a slash. */
export function wayOut(
  portal: string,
  redirect: string,
): { readonly retryUrl: string; readonly signOutUrl: string } {
  const rd = encodeURIComponent(redirect)
  return { retryUrl: `${portal}/start?rd=${rd}`, signOutUrl: `${portal}/sign_out?rd=${rd}` }
}
