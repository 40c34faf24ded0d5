// CORS (Fetch standard, 3.2) on answers that the app never sees: without it a script on another
// origin learns nothing of a 401, not even that it is one.
import type { AuthRequest } from '../core/auth-request.ts'

export interface CrossOriginOptions {
  /** Origins as browsers send them: `https://spa.example.com`, the port only if it is not the usual. */
  readonly cors_allowed_origins: readonly string[]
}

export type CrossOrigin = (request: Pick<AuthRequest, 'origin'>) => Readonly<Record<string, string>>

const none = {}
const vary = { vary: 'Origin' }

export function createCrossOrigin({ cors_allowed_origins }: CrossOriginOptions): CrossOrigin {
  if (cors_allowed_origins.length === 0) return () => none
  const allowed = new Map(cors_allowed_origins.map((origin) => [origin, answerTo(origin)]))
  return ({ origin }) => allowed.get(origin ?? '') ?? vary
}

/** By name, never `*`: with credentials no browser takes that. */
function answerTo(origin: string): Readonly<Record<string, string>> {
  return {
    ...vary,
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'WWW-Authenticate, Retry-After',
  }
}
