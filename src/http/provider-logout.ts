// Where the provider, or a frame of its page, tells of a sign-out.
import type { FastifyInstance } from 'fastify'
import { readForm } from './form.ts'
import type { Portal, PortalDeps } from './portal.ts'
import { queryOf, toRawRequest } from './raw-request.ts'
import { sendAnswer } from './send.ts'
import type { BackChannelResult, ProviderLogout } from '../auth/provider-logout.ts'
import type { HttpAnswer } from '../core/http.ts'

export interface ProviderLogoutRoutesDeps extends Pick<PortalDeps, 'record' | 'clientLimits'> {
  readonly options: { readonly proxy_prefix: string; readonly oidc_issuer_url: string }
  readonly providerLogout: ProviderLogout
}

export function registerProviderLogout(
  app: FastifyInstance,
  { options, providerLogout, clientLimits, record }: ProviderLogoutRoutesDeps,
  portal: Portal,
): void {
  const prefix = options.proxy_prefix

  app.route({
    method: 'POST',
    url: `${prefix}/backchannel_logout`,
    config: { route: 'backchannel_logout' },
    handler: async ({ raw, id }, reply) => {
      const form = await readForm(raw)
      const visit = portal.visit(toRawRequest(raw, id))
      if ('status' in visit) return sendAnswer(reply, visit)
      const limit = clientLimits.backchannel_logout
      const limited = limit.refuse(visit.request)
      if (limited) return sendAnswer(reply, limited)
      const [token = '', ...others] = form.getAll('logout_token')
      const result: BackChannelResult =
        token === '' || others.length > 0
          ? { kind: 'refused' }
          : await providerLogout.backChannel(token)
      if (result.kind === 'refused') limit.count(visit.request)
      if (result.kind === 'ended') {
        record.revoked(result.sessions, 'back-channel-logout', visit.request)
      }
      return sendAnswer(reply, backChannelAnswer(result))
    },
  })

  app.route({
    method: 'GET',
    url: `${prefix}/frontchannel_logout`,
    config: { route: 'frontchannel_logout' },
    handler: async ({ raw, id }, reply) => {
      const visit = portal.visit(toRawRequest(raw, id))
      if ('status' in visit) return sendAnswer(reply, visit)
      const query = queryOf(raw.url ?? '')
      const { sessions, cookies } = await providerLogout.frontChannel(
        visit.portal,
        query.get('iss') ?? '',
        query.get('sid') ?? '',
      )
      record.revoked(sessions, 'front-channel-logout', visit.request)
      return sendAnswer(reply, { ...frameAnswer(options.oidc_issuer_url), cookies })
    },
  })
}

/** Back-Channel Logout 2.8. */
function backChannelAnswer(result: BackChannelResult): HttpAnswer {
  switch (result.kind) {
    case 'ended':
      return jsonAnswer(200, {})
    case 'refused':
      return jsonAnswer(400, {
        error: 'invalid_request',
        error_description: 'the logout token is not valid',
      })
    case 'unsupported':
      return jsonAnswer(501, {
        error: 'unsupported',
        error_description:
          'sessions live in cookies alone, where nobody can end them: set redis_connection_url',
      })
  }
}

function jsonAnswer(status: number, body: object): HttpAnswer {
  const headers = { 'cache-control': 'no-store', 'content-type': 'application/json' }
  return { status, headers, cookies: [], body: `${JSON.stringify(body)}\n` }
}

/** An empty page that the provider's pages, and nobody else's, may frame. */
function frameAnswer(issuer: string): HttpAnswer {
  const headers = {
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; frame-ancestors ${new URL(issuer).origin}`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
  return { status: 200, headers, cookies: [], body: '<!doctype html><title>Signed out</title>\n' }
}
