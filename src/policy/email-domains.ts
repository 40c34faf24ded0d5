/**
 * An address that may match a domain (SEC-7): printable ASCII without quotes or spaces, one `@`.
 * Anything else could name another domain to whoever delivers or displays it.
 */
const plainAddress = /^[\w.!#$%&'*+/=?^`{|}~-]+@([\w.-]+)$/

/** The domain of a plain address as written; undefined for any other. */
export function domainOfEmail(email: string): string | undefined {
  return plainAddress.exec(email)?.[1]
}

/** Folds A-Z only: Unicode folding makes ASCII letters of others (the Kelvin sign of `k`). */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/**
 * `email_domains`: `*` is everyone, `example.com` that domain alone, `.example.com` and
 * `*.example.com` the domains below it but not itself.
 */
export function createEmailDomains(domains: readonly string[]): (email: string) => boolean {
  if (domains.includes('*')) return () => true
  const endings = domains.map((domain) => {
    const parent = /^\*?(\..+)$/.exec(domain)?.[1]
    return foldCase(parent ?? `@${domain}`)
  })
  return (email) => {
    const isPlain = domainOfEmail(email) !== undefined
    return isPlain && endings.some((ending) => foldCase(email).endsWith(ending))
  }
}
