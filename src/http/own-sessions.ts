// The page where people see where they are signed in.
import type { FastifyInstance } from 'fastify'
import { readForm } from './form.ts'
import type { Portal, PortalDeps, Visit } from './portal.ts'
import { toRawRequest } from './raw-request.ts'
import { noCache, pageAnswer, sendAnswer } from './send.ts'
import type { OwnSessions } from '../auth/own-sessions.ts'
import type { HttpAnswer } from '../core/http.ts'

export interface OwnSessionsRoutesDeps extends Pick<PortalDeps, 'record' | 'pages'> {
  readonly options: { readonly proxy_prefix: string }
  readonly ownSessions: OwnSessions
}

export function registerOwnSessions(
  app: FastifyInstance,
  { options, ownSessions, pages, record }: OwnSessionsRoutesDeps,
  portal: Portal,
): void {
  const prefix = options.proxy_prefix
  const url = `${prefix}/sessions`

  async function show(visit: Visit): Promise<HttpAnswer> {
    const view = await ownSessions.view(visit.portal)
    if (!view) return portal.signIn(visit, url, 403)
    const signOutUrl = `${prefix}/sign_out`
    return pageAnswer(200, pages.ownSessions({ ...view, action: url, signOutUrl }))
  }

  /** Never on to another site: the page's policy holds its forms to this one. */
  async function end(visit: Visit, form: URLSearchParams): Promise<HttpAnswer> {
    const id = form.get('id') ?? undefined
    const result = await ownSessions.end(visit.portal, form.get('csrf') ?? '', id)
    switch (result.kind) {
      case 'ended':
        record.revoked(result.sessions, 'person', visit.request)
        return { status: 303, headers: { ...noCache, location: url }, cookies: [], body: '' }
      case 'signed-out':
        return pageAnswer(403, pages.signedOut({ signInUrl: url }))
      case 'forged':
        return pageAnswer(403, pages.formOutdated({ retryUrl: url }))
    }
  }

  app.route({
    method: ['GET', 'HEAD', 'POST'],
    url,
    config: { route: 'sessions' },
    handler: async ({ raw, id }, reply) => {
      const visit = portal.visit(toRawRequest(raw, id))
      if ('status' in visit) return sendAnswer(reply, visit)
      const isForm = raw.method === 'POST'
      return sendAnswer(reply, isForm ? await end(visit, await readForm(raw)) : await show(visit))
    },
  })
}
