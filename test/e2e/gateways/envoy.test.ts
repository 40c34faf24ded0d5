import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEnvoy, startEnvoyWith, type CheckSettings } from '../../support/envoy.ts'
import { forgedIdentity } from '../../support/forged-headers.ts'
import { defineScenarios } from '../../support/gateway-scenarios.ts'
import { startBehindGateway } from '../../support/gateway-site.ts'
import { readObjects, type Site } from '../../support/manifests.ts'
import { alice } from '../../support/provider.ts'
import { signIn } from '../../support/sign-in.ts'
import { createUserAgent } from '../../support/user-agent.ts'

defineScenarios({
  name: 'Envoy (HTTP)',
  start: startEnvoy,
  leadsToSignIn: true,
  script: 401,
  relaysBodies: true,
  lostPost: 'the page with the form',
  passesCookies: true,
  unavailable: 503,
})

/** What each control plane hands to Envoy of its own manifest. */
const controlPlanes: Readonly<Record<string, (site: Site) => CheckSettings>> = {
  'Envoy Gateway': (site) => {
    const [policy] = readObjects('envoy-gateway/securitypolicy.yaml', site) as [
      {
        spec: {
          extAuth: {
            headersToExtAuth: string[]
            http: { path: string; headersToBackend: string[] }
          }
        }
      },
    ]
    const { headersToExtAuth, http } = policy.spec.extAuth
    return {
      pathPrefix: http.path,
      allowedHeaders: headersToExtAuth,
      upstreamHeaders: http.headersToBackend,
    }
  },
  Istio: (site) => {
    const [mesh] = readObjects('istio/meshconfig.yaml', site) as [
      {
        extensionProviders: [
          {
            envoyExtAuthzHttp: {
              pathPrefix: string
              includeRequestHeadersInCheck: string[]
              headersToUpstreamOnAllow: string[]
            }
          },
        ]
      },
    ]
    const provider = mesh.extensionProviders[0].envoyExtAuthzHttp
    return {
      pathPrefix: provider.pathPrefix,
      allowedHeaders: provider.includeRequestHeadersInCheck,
      upstreamHeaders: provider.headersToUpstreamOnAllow,
    }
  },
  Cilium: (site) => {
    const [route] = readObjects('cilium/httproute.yaml', site) as [
      {
        spec: {
          rules: [
            {
              filters: [
                {
                  externalAuth: {
                    http: {
                      path: string
                      allowedHeaders: string[]
                      allowedResponseHeaders: string[]
                    }
                  }
                },
              ]
            },
          ]
        }
      },
    ]
    const { http } = route.spec.rules[0].filters[0].externalAuth
    return {
      pathPrefix: http.path,
      allowedHeaders: http.allowedHeaders,
      upstreamHeaders: http.allowedResponseHeaders,
    }
  },
}

for (const [name, settings] of Object.entries(controlPlanes)) {
  test(`the manifest of ${name} has Envoy pass all that the check needs`, async (t) => {
    const site = await startBehindGateway(t, { skip_auth_routes: ['^/public/'] })
    if (!(await startEnvoyWith(t, site, settings(site)))) return
    const agent = createUserAgent()
    const script = await agent.request(`${site.appUrl}/api`, {
      headers: { accept: 'text/html', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    })
    assert.equal(script.status, 401)
    assert.equal(script.headers['content-type'], 'application/json')
    const deepLink = `${site.appUrl}/deep?a=1&b=2`
    const landed = await signIn(agent, deepLink)
    assert.equal(landed.status, 200)
    assert.equal(landed.url, deepLink)
    assert.equal(site.sampleApp.requests.at(-1)?.headers['x-auth-request-email'], alice.email)
    await createUserAgent().request(`${site.appUrl}/public/x`, { headers: forgedIdentity })
    assert.doesNotMatch(JSON.stringify(site.sampleApp.requests), /mallory/)
  })
}

test('a check without the headers that Envoy was not told to send is refused, with the mend', async (t) => {
  const site = await startBehindGateway(t)
  const settings = {
    pathPrefix: '/oauth2/check/envoy',
    allowedHeaders: ['accept'],
    upstreamHeaders: ['x-auth-request-email'],
  }
  if (!(await startEnvoyWith(t, site, settings))) return
  const { status } = await createUserAgent().request(site.appUrl)
  assert.equal(status, 403)
  await site.running.line(/X-Forwarded-Proto is missing.*headersToExtAuth/)
})
