// SEC-4, SEC-5: rules see a path only when nobody on the way could read it as another one.
import type { RulePath } from '../core/auth-request.ts'

/**
 * `%2e %2f %5c %23 %3f %3b %25`: an encoded dot, slash, backslash, `#`, `?`, `;` or percent sign
 * reads differently before and after decoding, once or twice.
 */
const encodedSyntax = /%(?:2[ef35]|5c|3[bf])/i

/** An empty, `.` or `..` segment, which some normalise and some do not. */
const unclean = /\/(?:\.{0,2}\/|\.{1,2}$)/

/** `;parameters`, which some servers cut off; backslashes; control characters. */
const ambiguous = /[;\\\p{Cc}]/u

/** What a server that folds Unicode (NFKC) takes `／`, `．` or `％` for. */
const syntax = /[./\\;#?%]/

/**
 * The path of an origin-form request target (RFC 9112 3.2.1), percent-decoded; `undefined` for any
 * other form and for whatever gateway, service and app could read differently.
 */
export function rulePath(uri: string): RulePath {
  // Printable ASCII, as every client sends it: other raw bytes have no single decoding.
  if (!/^\/[!-~]*$/.test(uri) || uri.includes('#')) return undefined
  const mark = uri.indexOf('?')
  const encoded = mark === -1 ? uri : uri.slice(0, mark)
  if (encodedSyntax.test(encoded)) return undefined
  const path = decode(encoded)
  if (path === undefined || unclean.test(path) || ambiguous.test(path)) return undefined
  const folded = path.replace(/\p{ASCII}+/gu, '').normalize('NFKC')
  return syntax.test(folded) ? undefined : path
}

/** Undefined for a stray `%` and for bytes that are not UTF-8. */
function decode(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
