/** One entry of `upstreams`: what stands behind a path in proxy mode. */
export type Upstream =
  | { readonly kind: 'http'; readonly path: string; readonly url: URL }
  | { readonly kind: 'static'; readonly path: string; readonly status: number }
  | { readonly kind: 'file'; readonly path: string; readonly directory: string }
