import type { AuthRequest } from '../core/auth-request.ts'
import type { SkipRoute } from '../core/skip-route.ts'

/** What a route without a method means by "any" (SEC-38): not TRACE, CONNECT or invented ones. */
const ordinaryMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Is a request open to everyone by `skip_auth_routes` or `skip_auth_regex`? */
export function createSkipRules(
  routes: readonly SkipRoute[],
): (request: Pick<AuthRequest, 'method' | 'rulePath'>) => boolean {
  if (routes.length === 0) return () => false
  return ({ method, rulePath }) => {
    // An ambiguous path fits no rule, least of all one that names what it must not be.
    if (rulePath === undefined) return false
    return routes.some(
      (route) =>
        (route.method === '' ? isOrdinary(method) : route.method === method) &&
        route.pattern.test(rulePath) !== route.negate,
    )
  }
}

function isOrdinary(method: string): boolean {
  return method === '' || ordinaryMethods.has(method)
}
