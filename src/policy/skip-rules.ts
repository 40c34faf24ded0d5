import type { AuthRequest } from '../core/auth-request.ts'
import type { SkipRoute } from '../core/skip-route.ts'
import { createPatternSet } from '../lib/pattern-set.ts'

/** What a route without a method means by "any" (SEC-38): not TRACE, CONNECT or invented ones. */
const ordinaryMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Is a request open to everyone by `skip_auth_routes` or `skip_auth_regex`? */
export function createSkipRules(
  routes: readonly SkipRoute[],
): (request: Pick<AuthRequest, 'method' | 'rulePath'>) => boolean {
  if (routes.length === 0) return () => false
  const negated = routes.filter(({ negate }) => negate)
  const plain = routes.filter(({ negate }) => !negate)
  const matchesIn = createPatternSet(plain.map(({ pattern }) => pattern.source))
  return ({ method, rulePath }) => {
    // An ambiguous path fits no rule, least of all one that names what it must not be.
    if (rulePath === undefined) return false
    return (
      // Asked again: the set spares the many that do not match, and opens nothing by itself.
      matchesIn(rulePath).some((index) => fits(plain[index], method, rulePath)) ||
      negated.some((route) => fits(route, method, rulePath))
    )
  }
}

function fits(route: SkipRoute | undefined, method: string, path: string): boolean {
  if (route === undefined) return false
  const methodFits = route.method === '' ? isOrdinary(method) : route.method === method
  return methodFits && route.pattern.test(path) !== route.negate
}

function isOrdinary(method: string): boolean {
  return method === '' || ordinaryMethods.has(method)
}
